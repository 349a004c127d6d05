/**
 * Writes `generated/types.ts`: the wire types of Kubernetes 1.36 as plain interfaces, made from the models of
 * `@kubernetes/client-node`. Run it with `bun run generate`; `test/style` tells when its output is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import * as models from "@kubernetes/client-node";

interface Attribute {
  readonly name: string;
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

interface ModelClass {
  getAttributeTypeMap(): readonly Attribute[];
}

const modelsFolder = new URL("../../node_modules/@kubernetes/client-node/dist/gen/models/", import.meta.url);

function isModelClass(value: unknown): value is ModelClass {
  return typeof value === "function" && "getAttributeTypeMap" in value;
}

/** The names of the optional fields, which only the model's declaration file tells. */
function optionalFields(model: string): ReadonlySet<string> {
  const declaration = readFileSync(new URL(`${model}.d.ts`, modelsFolder), "utf8");
  return new Set(Array.from(declaration.matchAll(/^ {4}'([^']+)'\?:/gm), (match) => match[1] ?? ""));
}

/** A model's attribute type as it stands on the wire: times are RFC 3339 strings there. */
function wireType(type: string): string {
  return type
    .replace(/\bDate\b|\bV1MicroTime\b/g, "string")
    .replace(/\bIntOrString\b/g, "number | string")
    .replace(/\bany\b/g, "unknown")
    .replace(/^Array<(.*)>$/, (_, inner: string) => `ReadonlyArray<${inner}>`)
    .replace(
      /^\{ \[key: string\]: (.*); \}$/,
      (_, inner: string) => `Readonly<Record<string, ${wireType(inner)}>>`,
    );
}

function renderModel(name: string, model: ModelClass): string {
  const optional = optionalFields(name);
  const fields = model.getAttributeTypeMap().map((attribute) => {
    const mark = optional.has(attribute.name) ? "?" : "";
    return `  readonly ${JSON.stringify(attribute.baseName)}${mark}: ${wireType(attribute.type)};`;
  });
  return `export interface ${name} {\n${fields.join("\n")}\n}\n`;
}

const names = Object.keys(models)
  .filter((name) =>
    /^(V\d|Core|Events|Storage|Discovery|Admission|Api|Flow|Rbac|Resource|Authentication|Version)/.test(name),
  )
  .sort();
const rendered: string[] = [];
for (const name of names) {
  // The module's export list is wider than its type says: the guard below keeps only the model classes.
  const candidate = (models as Record<string, unknown>)[name];
  if (isModelClass(candidate)) rendered.push(renderModel(name, candidate));
}
writeFileSync(
  new URL("generated/types.ts", import.meta.url),
  `// Made by supervisor/api/generate.ts from @kubernetes/client-node; do not edit.\n\n${rendered.join("\n")}`,
);
