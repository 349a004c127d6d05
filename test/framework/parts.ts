/** The parts of the test suite. A part runs in a process of its own; one without files is an error. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";

export interface Part {
  readonly name: string;
  readonly files: readonly string[];
  /** Runs only with `--all`. */
  readonly long: boolean;
  /** Runs in a network namespace of its own, with nothing but the loopback up. */
  readonly privateNetwork: boolean;
  /** A program that runs before the part, with the machine's own network: it fetches packages into the cache. */
  readonly prepare?: string;
}

/**
 * The suites that must exist; every integration, end-to-end and long test file is a part of its own, of the conformance
 * suite every folder, and every file whose Pods need machines.
 */
const suites = [
  { name: "unit", pattern: "{agent,supervisor}/**/*.test.ts", split: "no", long: false },
  { name: "framework", pattern: "test/{framework,performance}/**/*.test.ts", split: "no", long: false },
  { name: "style", pattern: "test/style/*.test.ts", split: "no", long: false },
  { name: "integration", pattern: "test/integration/**/*.test.ts", split: "file", long: false },
  { name: "conformance", pattern: "test/conformance/!(machines)/*.test.ts", split: "folder", long: false },
  { name: "machines", pattern: "test/conformance/machines/*.test.ts", split: "file", long: false },
  { name: "fuzz", pattern: "test/fuzz/**/*.test.ts", split: "no", long: false },
  { name: "e2e", pattern: "test/e2e/**/*.test.ts", split: "file", long: false },
  { name: "long", pattern: "test/{integration,e2e,fuzz}/**/*.long.test.ts", split: "file", long: true },
] as const;

/** All parts in the order they run in. Throws when a suite has no file. */
export function listParts(root: string): readonly Part[] {
  return suites.flatMap((suite) => {
    const files = [...new Glob(suite.pattern).scanSync({ cwd: root })]
      .filter((file) => !file.includes("node_modules/") && file.endsWith(".long.test.ts") === suite.long)
      .sort();
    if (files.length === 0) throw new Error(`The suite ${suite.name} has no test file (${suite.pattern})`);
    const common = { long: suite.long, privateNetwork: false };
    if (suite.split === "no") return [{ name: suite.name, files, ...common }];
    if (suite.split === "folder") {
      const folders = Object.entries(Object.groupBy(files, dirname));
      return folders.map(([folder, inside = []]) => ({ name: partName(folder), files: inside, ...common }));
    }
    return files.map((file) => ({
      ...prepareOf(root, file),
      name: partName(file),
      files: [file],
      long: suite.long,
      privateNetwork: suite.name === "machines" || file.startsWith("test/e2e/"),
    }));
  });
}

/** `box.prepare.ts` stands beside `box.test.ts` or `box.long.test.ts`. */
function prepareOf(root: string, file: string): { readonly prepare?: string } {
  const prepare = file.replace(/(\.long)?\.test\.ts$/, ".prepare.ts");
  return existsSync(join(root, prepare)) ? { prepare } : {};
}

function partName(file: string): string {
  return file
    .replace(/^test\//, "")
    .replace(/\.test\.ts$/, "")
    .replaceAll("/", "-");
}
