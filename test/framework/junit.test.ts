import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJunit } from "./junit.ts";

const folder = mkdtempSync(join(tmpdir(), "pacific-junit-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const passing = 'import { test } from "bun:test"; test("passes", () => {});';
let runs = 0;

/** Runs `bun test` on these files and counts. */
function count(files: Readonly<Record<string, string>>, exitCode?: number) {
  const work = join(folder, `${runs++}`);
  mkdirSync(work);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(work, name), text);
  const report = join(work, "report.xml");
  const names = Object.keys(files).map((name) => `./${name}`);
  const run = Bun.spawnSync(
    [process.execPath, "test", "--reporter=junit", `--reporter-outfile=${report}`, ...names],
    { cwd: work },
  );
  return readJunit(report, exitCode ?? run.exitCode, Object.keys(files));
}

test("passed, failed and skipped tests are counted, skipped ones named by group and title", () => {
  const counts = count({
    "a.test.ts": passing,
    "b.test.ts": `import { describe, expect, test } from "bun:test";
      test("fails", () => expect(1).toBe(2));
      describe("the \\"group\\"", () => test.skipIf(true)("of <one>: needs & wants", () => {}));`,
  });
  expect(counts).toEqual({
    passed: 1,
    failed: 1,
    skipped: ['the "group" > of <one>: needs & wants'],
    faults: [],
  });
});

test("a file without a test is a failure, beside others and alone", () => {
  expect(count({ "a.test.ts": passing, "b.test.ts": "export {};" })).toEqual({
    passed: 1,
    failed: 1,
    skipped: [],
    faults: ["No test of b.test.ts ran"],
  });
  expect(count({ "b.test.ts": "export {};" })).toMatchObject({ passed: 0, failed: 1 });
});

test("a file that cannot be loaded is a failure", () => {
  const counts = count({ "a.test.ts": passing, "b.test.ts": 'throw new Error("no");' });
  expect(counts).toMatchObject({ passed: 1, failed: 2 });
  expect(counts.faults).toContain("No test of b.test.ts ran");
});

test("a runner that ends in the middle is a failure, whatever its exit code", () => {
  const ending = 'import { test } from "bun:test"; test("ends", () => process.exit(0));';
  expect(count({ "a.test.ts": passing, "b.test.ts": ending })).toEqual({
    passed: 0,
    failed: 1,
    skipped: [],
    faults: ["No test ran: the runner ended with exit code 0"],
  });
});

test("an exit code that no failed test explains is a failure", () => {
  expect(count({ "a.test.ts": passing }, 137)).toMatchObject({
    passed: 1,
    failed: 1,
    faults: ["The runner ended with exit code 137, though no test failed"],
  });
});
