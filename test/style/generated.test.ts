import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";

test("generated types are what the generator writes", () => {
  const file = new URL("../../supervisor/api/generated/types.ts", import.meta.url);
  const before = readFileSync(file, "utf8");
  const run = Bun.spawnSync([process.execPath, "supervisor/api/generate.ts"], {
    cwd: new URL("../..", import.meta.url).pathname,
  });
  expect(run.stderr.toString()).toBe("");
  expect(readFileSync(file, "utf8")).toBe(before);
});
