import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const types = readFileSync(join(root, "supervisor/api/generated/types.ts"), "utf8");
const page = readFileSync(join(root, "docs/pod-fields.md"), "utf8");

function fieldsOf(model: string): string[] {
  const [, body = ""] = new RegExp(`^export interface ${model} \\{\\n(.*?)^\\}`, "ms").exec(types) ?? [];
  return [...body.matchAll(/readonly "(\w+)"/g)].map(([, name = ""]) => name);
}

test("docs/pod-fields.md says of every field of a Pod what a host makes of it", () => {
  const models = ["V1PodSpec", "V1Container", "V1PodSecurityContext", "V1SecurityContext", "V1EnvVarSource"];
  for (const model of models) {
    const fields = fieldsOf(model);
    expect(fields.length).toBeGreaterThan(4);
    expect([model, fields.filter((field) => !page.includes(`\`${field}\``))]).toEqual([model, []]);
  }
});
