import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";

test("generated types, schemas and descriptions are what the generator writes", () => {
  const files = ["types.ts", "schemas.ts", "descriptions.br"].map(
    (name) => new URL(`../../supervisor/api/generated/${name}`, import.meta.url),
  );
  const before = files.map((file) => readFileSync(file).toString("latin1"));
  const run = Bun.spawnSync([process.execPath, "supervisor/api/generate.ts"], {
    cwd: new URL("../..", import.meta.url).pathname,
  });
  expect(run.stderr.toString()).toBe("");
  expect(files.map((file) => readFileSync(file).toString("latin1"))).toEqual(before);
});
