import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failedPart } from "./junit.ts";
import { PassedParts, treeKey } from "./passed-parts.ts";

const folder = mkdtempSync(join(tmpdir(), "pacific-passed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const passed = { passed: 3, failed: 0, skipped: ["one: needs KVM"], faults: [] };
let files = 0;

function newPath(): string {
  return join(folder, `passed-${files++}.json`);
}

test("what passed on a tree is remembered for that tree alone", () => {
  const path = newPath();
  new PassedParts(path, "tree").set("e2e", passed);
  expect(new PassedParts(path, "tree").get("e2e")).toEqual(passed);
  expect(new PassedParts(path, "another tree").get("e2e")).toBeUndefined();
});

test("what failed is not remembered, and nothing is without a key", () => {
  const path = newPath();
  new PassedParts(path, "tree").set("e2e", failedPart("No test ran"));
  new PassedParts(path, undefined).set("unit", passed);
  expect(new PassedParts(path, "tree").get("e2e")).toBeUndefined();
  expect(new PassedParts(path, "tree").get("unit")).toBeUndefined();
});

test("clear forgets, and a file that was cut off is none", () => {
  const path = newPath();
  const parts = new PassedParts(path, "tree");
  parts.set("e2e", passed);
  parts.clear();
  expect(new PassedParts(path, "tree").get("e2e")).toBeUndefined();
  writeFileSync(path, '{"key":"tree","par');
  expect(new PassedParts(path, "tree").get("e2e")).toBeUndefined();
});

test("the tree's key changes with every file that git would track, and there is none without git", () => {
  const tree = mkdtempSync(join(folder, "tree-"));
  // Neither a repository around the temporary folder nor somebody's settings take part.
  const environment = { ...process.env, GIT_CEILING_DIRECTORIES: folder };
  expect(treeKey(tree, environment)).toBeUndefined();
  Bun.spawnSync(["git", "init", "--quiet", tree]);
  writeFileSync(join(tree, ".gitignore"), "ignored\n");
  const first = treeKey(tree, environment);
  writeFileSync(join(tree, "ignored"), "1");
  expect(treeKey(tree, environment)).toBe(first);
  writeFileSync(join(tree, "new"), "1");
  expect(treeKey(tree, environment)).not.toBe(first);
});
