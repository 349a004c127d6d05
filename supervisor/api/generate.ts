/**
 * Writes `generated/types.ts`, the wire types of Kubernetes 1.36 as plain interfaces, and `generated/schemas.ts`, the
 * same for decoding and patching at run time; both made from the models of `@kubernetes/client-node` and our own
 * `schema-facts.ts`. Run it with `bun run generate`; `test/style` tells when its output is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import * as models from "@kubernetes/client-node";
import { writeDescriptions } from "./generate-descriptions.ts";
import { protobufFields } from "./generated/protobuf-fields.ts";
import { keptEmptyFields, mergeKeys, quantityFields, retainKeysFields } from "./schema-facts.ts";

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

/** The fields that Go has as pointers: absent they are nothing, not a zero value, also where they are required. */
function pointerFields(model: string): ReadonlySet<string> {
  const table = protobufFields[model] ?? "";
  return new Set(Array.from(table.matchAll(/(\S+)\?=/g), (match) => match[1] ?? ""));
}

function renderModel(name: string, model: ModelClass): string {
  const optional = optionalFields(name);
  const pointers = pointerFields(name);
  const fields = model.getAttributeTypeMap().map((attribute) => {
    const mark = optional.has(attribute.name) || pointers.has(attribute.baseName) ? "?" : "";
    return `  readonly ${JSON.stringify(attribute.baseName)}${mark}: ${wireType(attribute.type)};`;
  });
  return `export interface ${name} {\n${fields.join("\n")}\n}\n`;
}

/** `PodSpec` for `V1PodSpec`, `EndpointPort` for `CoreV1EndpointPort`: as `schema-facts.ts` names models. */
function unversioned(model: string): string {
  return model.replace(/^[A-Za-z]*?V\d+((alpha|beta)\d+)?(?=[A-Z])/, "");
}

const scalarCodes: Readonly<Record<string, string>> = {
  "string ": "string",
  "string byte": "bytes",
  "number int32": "int32",
  "number int64": "int64",
  "number double": "double",
  "boolean ": "bool",
  "Date date-time": "time",
  "V1MicroTime date-time-micro": "microTime",
  "IntOrString int-or-string": "intOrString",
  "any ": "any",
};

/** A field's type in the notation of `apimachinery/schema`: `string`, `[]V1Container`, `{}quantity`. */
function schemaType(type: string, format: string, isQuantity: boolean): string {
  const inner = /^Array<(.*)>$/.exec(type)?.[1];
  if (inner !== undefined) return `[]${schemaType(inner, format, isQuantity)}`;
  const values = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (values !== undefined) return `{}${schemaType(values, format, isQuantity)}`;
  if (isQuantity) return "quantity";
  return scalarCodes[`${type} ${format}`] ?? type;
}

/** One line a model, `name! type merge=key retainKeys nullable keptEmpty;…`: all marks are optional. */
function renderSchema(name: string, model: ModelClass): string {
  const optional = optionalFields(name);
  const pointers = pointerFields(name);
  const fields = model.getAttributeTypeMap().map((attribute) => {
    const fact = `${unversioned(name)}.${attribute.baseName}`;
    const type = schemaType(attribute.type, attribute.format, quantityFields.has(fact));
    const required = optional.has(attribute.name) ? "" : "!";
    const mergeKey = mergeKeys[fact];
    const merge = mergeKey === undefined ? "" : ` merge=${mergeKey}`;
    const retain = retainKeysFields.has(fact) ? " retainKeys" : "";
    const nullable = required !== "" && pointers.has(attribute.baseName) ? " nullable" : "";
    const empty = keptEmptyFields.has(fact) ? " keptEmpty" : "";
    return `${attribute.baseName}${required} ${type}${merge}${retain}${nullable}${empty}`;
  });
  return `  ${name}: ${JSON.stringify(fields.join(";"))},`;
}

const names = Object.keys(models)
  .filter((name) =>
    /^(V\d|Core|Events|Storage|Discovery|Admission|Api|Flow|Rbac|Resource|Authentication|Version)/.test(name),
  )
  .sort();
const rendered: string[] = [];
const schemas: string[] = [];
const written: string[] = [];
for (const name of names) {
  // The module's export list is wider than its type says: the guard below keeps only the model classes.
  const candidate = (models as Record<string, unknown>)[name];
  if (!isModelClass(candidate)) continue;
  written.push(name);
  rendered.push(renderModel(name, candidate));
  schemas.push(renderSchema(name, candidate));
}
writeFileSync(
  new URL("generated/types.ts", import.meta.url),
  `// Made by supervisor/api/generate.ts from @kubernetes/client-node; do not edit.\n\n${rendered.join("\n")}`,
);
writeFileSync(
  new URL("generated/schemas.ts", import.meta.url),
  `// Made by supervisor/api/generate.ts from @kubernetes/client-node; do not edit.

/** The fields of each model, in the notation that \`apimachinery/schema/schema.ts\` reads. */
export const schemas: Readonly<Record<string, string>> = {
${schemas.join("\n")}
};
`,
);
writeDescriptions(written);
