import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";

test("generated types and schemas are what the generator writes", () => {
  const files = ["types.ts", "schemas.ts"].map(
    (name) => new URL(`../../supervisor/api/generated/${name}`, import.meta.url),
  );
  const before = files.map((file) => readFileSync(file, "utf8"));
  const run = Bun.spawnSync([process.execPath, "supervisor/api/generate.ts"], {
    cwd: new URL("../..", import.meta.url).pathname,
  });
  expect(run.stderr.toString()).toBe("");
  expect(files.map((file) => readFileSync(file, "utf8"))).toEqual(before);
});
