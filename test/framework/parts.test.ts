import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { listParts } from "./parts.ts";

const root = mkdtempSync(join(tmpdir(), "pacific-parts-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function add(...files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
}

test("a suite without a test file is an error, else every file is in one part", () => {
  add("agent/a.test.ts", "supervisor/b/c.test.ts", "test/framework/d.test.ts", "test/style/e.test.ts");
  add("test/integration/area/f.test.ts", "test/e2e/g.test.ts", "agent/node_modules/x/y.test.ts");
  add(
    "test/conformance/area/i.test.ts",
    "test/conformance/area/j.test.ts",
    "test/conformance/other/k.test.ts",
    "test/conformance/machines/m.test.ts",
    "test/fuzz/l.test.ts",
  );
  expect(() => listParts(root)).toThrow("The suite long has no test file");

  add("test/e2e/h.long.test.ts", "test/e2e/h.prepare.ts");
  expect(listParts(root)).toEqual([
    {
      name: "unit",
      files: ["agent/a.test.ts", "supervisor/b/c.test.ts"],
      long: false,
      privateNetwork: false,
    },
    { name: "framework", files: ["test/framework/d.test.ts"], long: false, privateNetwork: false },
    { name: "style", files: ["test/style/e.test.ts"], long: false, privateNetwork: false },
    {
      name: "integration-area-f",
      files: ["test/integration/area/f.test.ts"],
      long: false,
      privateNetwork: false,
    },
    {
      name: "conformance-area",
      files: ["test/conformance/area/i.test.ts", "test/conformance/area/j.test.ts"],
      long: false,
      privateNetwork: false,
    },
    {
      name: "conformance-other",
      files: ["test/conformance/other/k.test.ts"],
      long: false,
      privateNetwork: false,
    },
    {
      name: "conformance-machines-m",
      files: ["test/conformance/machines/m.test.ts"],
      long: false,
      privateNetwork: true,
    },
    { name: "fuzz", files: ["test/fuzz/l.test.ts"], long: false, privateNetwork: false },
    { name: "e2e-g", files: ["test/e2e/g.test.ts"], long: false, privateNetwork: true },
    {
      name: "e2e-h.long",
      files: ["test/e2e/h.long.test.ts"],
      long: true,
      privateNetwork: true,
      prepare: "test/e2e/h.prepare.ts",
    },
  ]);
});

test("each test file of this repository is in exactly one part", () => {
  const repository = join(import.meta.dir, "../..");
  const listed = listParts(repository).flatMap((part) => part.files);
  const all = [...new Bun.Glob("{agent,supervisor,test,host-images}/**/*.test.ts").scanSync(repository)];
  expect(listed.toSorted()).toEqual(all.filter((file) => !file.includes("node_modules/")).toSorted());
});
