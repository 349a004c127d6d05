import { expect, test } from "bun:test";
import { dirname, join } from "node:path";

const transpiler = new Bun.Transpiler({ loader: "ts" });
const root = join(import.meta.dir, "../..");

/** All modules that loading `entry` loads; what is imported by a call comes later. */
async function loadedWith(entry: string): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  const pending = [join(root, entry)];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const { kind, path } of transpiler.scanImports(await Bun.file(file).text())) {
      if (kind !== "import-statement") continue;
      pending.push(...(path.startsWith(".") ? [join(dirname(file), path)] : []));
      if (!path.startsWith(".")) seen.add(path);
    }
  }
  return new Set(Array.from(seen, (file) => file.replace(`${root}/`, "")));
}

test("a supervisor loads nothing of CEL before the first policy or rule", async () => {
  const loaded = await loadedWith("supervisor/main.ts");
  expect(loaded).toContain("supervisor/apiserver/admission/policy/policy-hooks.ts");
  for (const part of [
    "re2js",
    "supervisor/apimachinery/cel/compile.ts",
    "supervisor/apimachinery/cel/parser.ts",
    "supervisor/apimachinery/cel/library/standard.ts",
    "supervisor/apiserver/admission/policy/validate-by-policies.ts",
    "supervisor/apiserver/admission/policy/mutate-by-policies.ts",
  ]) {
    expect(loaded).not.toContain(part);
  }
});
