/**
 * Writes `generated/types.ts`, the wire types of Kubernetes 1.36 as plain interfaces, and `generated/schemas.ts`, the
 * same for decoding and patching at run time; both made from the models of `@kubernetes/client-node` and our own
 * `schema-facts.ts`. Run it with `bun run generate`; `test/style` tells when its output is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import * as models from "@kubernetes/client-node";
import { writeDescriptions } from "./generate-descriptions.ts";
import { jsonMarks } from "./generated/json-marks.ts";
import { mergeKeys, quantityFields, retainKeysFields } from "./schema-facts.ts";

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

/** How Go's JSON writes a model's fields, by name; see `jsonMarks`. */
function goMarks(model: string): ReadonlyMap<string, string> {
  const table = jsonMarks[model] ?? "";
  return new Map(Array.from(table.matchAll(/(\S+)=(\S*)/g), ([, name = "", marks = ""]) => [name, marks]));
}

/** Whether an optional list or time stands as null where it is absent. */
function isNullWhenAbsent({ type, format }: Attribute, marks: string | undefined): boolean {
  const code = schemaType(type, format, false);
  const isNull = /^\[\]|^\{\}|^time$|^microTime$/.test(code);
  return isNull && zeroMark(code, false, marks) === " written";
}

function renderModel(name: string, model: ModelClass): string {
  const optional = optionalFields(name);
  const marks = goMarks(name);
  const fields = model.getAttributeTypeMap().map((attribute) => {
    const { baseName } = attribute;
    const isOptional = optional.has(attribute.name) || marks.get(baseName)?.includes("p");
    const isNull = optional.has(attribute.name) && isNullWhenAbsent(attribute, marks.get(baseName));
    return `  readonly ${JSON.stringify(baseName)}${isOptional ? "?" : ""}: ${wireType(attribute.type)}${isNull ? " | null" : ""};`;
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

/** Types of which JSON leaves out no value, as Go holds them in structs: only a pointer to one can be absent. */
const structScalars: ReadonlySet<string> = new Set(["time", "microTime", "quantity"]);

/**
 * What becomes of a field that is absent or has its zero value. A required one gets its zero value, unless Go has a
 * pointer there (`nullable`) or omits it (`omitted`). An optional one loses it, unless it stays (`kept`) or is always
 * there (`written`).
 */
function zeroMark(type: string, isRequired: boolean, marks: string | undefined): string {
  const isModel = /^[A-Z]/.test(type);
  const isPointer = marks?.includes("p") ?? false;
  const isOmitted = /[oz]/.test(marks ?? "");
  if (isRequired) return isPointer ? " nullable" : isOmitted && !isModel ? " omitted" : "";
  if (["any", "intOrString"].includes(type) || (isModel && isPointer)) return "";
  if (marks === undefined || isPointer) return isModel ? "" : " kept";
  const isStruct = isModel || structScalars.has(type);
  return isOmitted && !(isStruct && !marks.includes("z")) ? "" : " written";
}

/** One line a model, `name! type merge=key retainKeys mark;…`: all but name and type are optional. */
function renderSchema(name: string, model: ModelClass): string {
  const optional = optionalFields(name);
  const marks = goMarks(name);
  const fields = model.getAttributeTypeMap().map((attribute) => {
    const fact = `${unversioned(name)}.${attribute.baseName}`;
    const type = schemaType(attribute.type, attribute.format, quantityFields.has(fact));
    const required = optional.has(attribute.name) ? "" : "!";
    const mergeKey = mergeKeys[fact];
    const merge = mergeKey === undefined ? "" : ` merge=${mergeKey}`;
    const retain = retainKeysFields.has(fact) ? " retainKeys" : "";
    const zero = zeroMark(type, required !== "", marks.get(attribute.baseName));
    return `${attribute.baseName}${required} ${type}${merge}${retain}${zero}`;
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
