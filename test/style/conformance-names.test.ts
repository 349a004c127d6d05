/** What Pacific promises of the Kubernetes API has a test of exactly that name. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";

const root = join(import.meta.dir, "../..");
const { PACIFIC_CONFORMANCE_NAMES: namesPath } = process.env;
const reason = namesPath === undefined ? " (PACIFIC_CONFORMANCE_NAMES names no list of them)" : "";

/** Of the names that need controllers, those whose controllers are there. */
const withControllers =
  /^\[sig-api-machinery\] (?:Namespaces|Garbage collector|ResourceQuota)|^\[sig-auth\] ServiceAccounts|Endpoint/;

/** Of the names that need Pods, those that a host keeps alone: without DNS, Services and the end of nodes. */
const withMachines = /^\[sig-(?:node|cli|storage)\] /;
const laterOn = /Guestbook|NoExecuteTaintManager|CSI|PersistentVolume|StorageClass|VolumeAttachment/;

function testTitles(): Set<string> {
  const files = [...new Glob("test/conformance/*/*.test.ts").scanSync(root)];
  const sources = files.map((file) => readFileSync(join(root, file), "utf8"));
  const titles = sources.flatMap((source) => [...source.matchAll(/(["'])(\[sig-(?:(?!\1)[^\\\n]|\\.)*)\1/g)]);
  return new Set(titles.map(([, , title = ""]) => title.replaceAll(/\\(.)/g, "$1")));
}

/** The list has a class (A: the API server alone, B: controllers, D: machines), a tab and a name a line. */
function promisedNames(path: string): string[] {
  const lines = readFileSync(path, "utf8").split("\n");
  const names = lines.map((line) => line.split("\t"));
  return names
    .filter(([kind, name = ""]) => {
      if (kind === "D") return withMachines.test(name) && !laterOn.test(name);
      return kind === "A" || (kind === "B" && withControllers.test(name));
    })
    .map(([, name = ""]) => name);
}

test.skipIf(namesPath === undefined)(`every name has its test${reason}`, () => {
  const titles = testTitles();
  const promised = promisedNames(namesPath ?? "");
  expect(promised.length).toBeGreaterThan(100);
  expect(promised.filter((name) => !titles.has(name))).toEqual([]);
});
