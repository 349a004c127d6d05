/**
 * Writes `generated/protobuf-fields.ts`, `generated/type-facts.ts`, `generated/json-marks.ts` and `generated/go-texts.br`: what
 * the Go types of the published API modules say and the models of `@kubernetes/client-node` do not: field numbers,
 * pointers, what JSON omits, list types, keys, defaults, the values of enumerations, and descriptions with their
 * paragraphs. Run it by hand when the API's version changes, with a folder that
 * holds the modules of that version: `bun supervisor/api/generate-go-facts.ts FOLDER`, where FOLDER has
 * `k8s.io/api`, `k8s.io/apimachinery`, `k8s.io/apiextensions-apiserver` and `k8s.io/kube-aggregator`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { schemas } from "./generated/schemas.ts";
import { type GoField, type GoPackage, readGoPackage } from "./go-source.ts";

const root = process.argv[2];
if (root === undefined) throw new Error("Give the folder that holds k8s.io/api and its sisters");
const folder = root;

/** The folders of the packages, and what their definitions' names begin with. */
function packageFolders(): ReadonlyArray<readonly [folder: string, definitionPrefix: string]> {
  const groups = Array.from(
    new Bun.Glob("*/v[0-9]").scanSync({ cwd: join(folder, "k8s.io/api"), onlyFiles: false }),
  );
  // The first package that has a model's name is the model's.
  return [
    ["k8s.io/apimachinery/pkg/apis/meta/v1", "io.k8s.apimachinery.pkg.apis.meta.v1"],
    ["k8s.io/apimachinery/pkg/version", "io.k8s.apimachinery.pkg.version"],
    ...groups
      .sort()
      .filter((path) => !/^(?:admission|apidiscovery|imagepolicy)\//.test(path))
      .map((path) => [`k8s.io/api/${path}`, `io.k8s.api.${path.replace("/", ".")}`] as const),
    [
      "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1",
      "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1",
    ],
    [
      "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1",
      "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1",
    ],
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The model of a Go type: `V1Pod`, or `CoreV1Event` where several groups have the name. */
function modelOf(definitionPrefix: string, type: string): string | undefined {
  const [group = "", version = ""] = definitionPrefix.split(".").slice(-2);
  const names = [
    `${capital(group)}${capital(version)}${type}`,
    `${capital(version)}${type}`,
    `${capital(version)}${capital(group)}${type}`,
  ];
  if (definitionPrefix.endsWith("pkg.version")) return type === "Info" ? "VersionInfo" : undefined;
  return names.find((name) => name in schemas);
}

function fieldNames(model: string): ReadonlySet<string> {
  return new Set(
    (schemas[model] ?? "").split(";").map((field) => field.split(" ", 1)[0]?.replace(/!$/, "") ?? ""),
  );
}

/** Messages that JSON writes as one of several types, and one without fields. */
const shapes: Readonly<Record<string, string>> = {
  CustomResourceSubresourceStatus: "empty",
  JSONSchemaPropsOrArray: "schemaOrArray",
  JSONSchemaPropsOrBool: "schemaOrBool",
  JSONSchemaPropsOrStringArray: "schemaOrStringArray",
};

/** The numbers of a struct's fields; those of structs that JSON inlines stand behind the number of the struct. */
function numbers(goPackage: GoPackage, type: string, path: string, known: ReadonlySet<string>): string[] {
  return (goPackage.structs.get(type) ?? []).flatMap((field) => {
    const number = /^\w+,(\d+),/.exec(field.tags.get("protobuf") ?? "")?.[1];
    if (number === undefined) return [];
    if (field.jsonName === "")
      return numbers(goPackage, field.type.replace(/^\*/, ""), `${path}${number}.`, known);
    if (!known.has(field.jsonName)) return [];
    // A list with a name of its own is a message that holds it.
    const inner = goPackage.namedLists.has(field.type) ? ".1" : "";
    const mark = field.type.startsWith("*") ? "?" : "";
    const shape = shapes[field.type.replace(/^(?:\*|map\[string\])/, "")];
    return [`${field.jsonName}${mark}=${path}${number}${inner}${shape === undefined ? "" : `:${shape}`}`];
  });
}

function quoted(text: string): string {
  return text.replaceAll(" ", "%20");
}

/** The marks of one field: `list=map keys=port,protocol default="TCP" enum=A|B map=atomic`. */
function fieldFacts(goPackage: GoPackage, field: GoField): string {
  const { marks } = field;
  const keys = marks.getAll("listMapKey");
  const items = field.type.replace(/^\*/, "").replace(/^\[\]/, "");
  const values = goPackage.enums.get(items);
  const value = marks.get("default");
  return [
    marks.get("listType") && `list=${marks.get("listType")}`,
    keys.length > 0 && `keys=${keys.join(",")}`,
    (marks.get("mapType") ?? marks.get("structType")) &&
      `map=${marks.get("mapType") ?? marks.get("structType")}`,
    value !== null && !value.startsWith("ref(") && `default=${quoted(value)}`,
    values && `enum=${values.join("|")}`,
  ]
    .filter(Boolean)
    .join(" ");
}

function factsOf(goPackage: GoPackage, type: string, known: ReadonlySet<string>): string[] {
  return (goPackage.structs.get(type) ?? []).flatMap((field) => {
    if (field.jsonName === "") return factsOf(goPackage, field.type.replace(/^\*/, ""), known);
    const facts = known.has(field.jsonName) ? fieldFacts(goPackage, field) : "";
    return facts === "" ? [] : [`${field.jsonName} ${facts}`];
  });
}

/** How JSON writes a struct's fields: `name=po` for a pointer that is omitted when it is nil; `z`: when it is zero. */
function jsonMarks(goPackage: GoPackage, type: string, known: ReadonlySet<string>): string[] {
  return (goPackage.structs.get(type) ?? []).flatMap((field) => {
    if (field.jsonName === "") return jsonMarks(goPackage, field.type.replace(/^\*/, ""), known);
    if (!known.has(field.jsonName)) return [];
    const [, ...options] = (field.tags.get("json") ?? "").split(",");
    const pointer = field.type.startsWith("*") ? "p" : "";
    const omitted = options.includes("omitempty") ? "o" : "";
    return [`${field.jsonName}=${pointer}${omitted}${options.includes("omitzero") ? "z" : ""}`];
  });
}

/** What people are told of a struct's fields, by name. */
function fieldTexts(goPackage: GoPackage, type: string, known: ReadonlySet<string>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const field of goPackage.structs.get(type) ?? []) {
    const inner = field.type.replace(/^\*/, "");
    if (field.jsonName === "") Object.assign(found, fieldTexts(goPackage, inner, known));
    else if (known.has(field.jsonName)) found[field.jsonName] = field.text;
  }
  return found;
}

/** The marks of a struct: `map=atomic union=discriminator:member,member`. */
function structFacts(goPackage: GoPackage, type: string): string {
  const marks = goPackage.structMarks.get(type) ?? new URLSearchParams();
  const fields = goPackage.structs.get(type) ?? [];
  const isDiscriminator = (field: GoField) => field.marks.has("unionDiscriminator");
  const discriminator = fields.find(isDiscriminator)?.jsonName ?? "";
  const members = fields.filter((field) => !isDiscriminator(field)).map(({ jsonName }) => jsonName);
  return [
    marks.has("structType") && `map=${marks.get("structType")}`,
    marks.has("union") && `union=${discriminator}:${members.join(",")}`,
  ]
    .filter(Boolean)
    .join(" ");
}

const protobufLines: string[] = [];
const jsonLines: string[] = [];
const factLines: string[] = [];
const texts: Record<string, readonly [own: string, fields: Readonly<Record<string, string>>]> = {};
const seen = new Set<string>();
for (const [path, prefix] of packageFolders()) {
  const goPackage = readGoPackage(join(folder, path));
  const models: string[] = [];
  for (const type of Array.from(goPackage.structs.keys()).sort()) {
    const model = modelOf(prefix, type);
    if (model === undefined || seen.has(model)) continue;
    seen.add(model);
    const known = fieldNames(model);
    const line = numbers(goPackage, type, "", known);
    protobufLines.push(`  ${model}: ${JSON.stringify(line.join(" "))},`);
    jsonLines.push(`  ${model}: ${JSON.stringify(jsonMarks(goPackage, type, known).join(" "))},`);
    texts[model] = [goPackage.structTexts.get(type) ?? "", fieldTexts(goPackage, type, known)];
    const facts = factsOf(goPackage, type, known);
    const own = structFacts(goPackage, type);
    const head = own === "" ? [] : [`* ${own}`];
    models.push(`    ${model}: ${JSON.stringify([...head, ...facts].join(";"))},`);
  }
  factLines.push(`  ${JSON.stringify(prefix)}: {\n${models.join("\n")}\n  },`);
}

const head =
  "// Made by supervisor/api/generate-go-facts.ts from the Go types of the published API modules; do not edit.\n";
const generated = new URL("generated/", import.meta.url);
writeFileSync(
  new URL("protobuf-fields.ts", generated),
  `${head}
/** The field numbers of messages, in the notation that \`apimachinery/protobuf/message-schema.ts\` reads. */
export const protobufFields: Readonly<Record<string, string>> = {
${protobufLines.sort().join("\n")}
};
`,
);
writeFileSync(
  new URL("json-marks.ts", generated),
  `${head}
/** How JSON writes each model's fields: \`p\` pointer, \`o\` omitted when empty, \`z\` omitted when zero. */
export const jsonMarks: Readonly<Record<string, string>> = {
${jsonLines.sort().join("\n")}
};
`,
);
writeFileSync(
  new URL("type-facts.ts", generated),
  `${head}
/** The models of each package, by what the names of its definitions begin with, and the marks of their fields. */
export const typeFacts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
${factLines.join("\n")}
};
`,
);
writeFileSync(new URL("go-texts.br", generated), brotliCompressSync(JSON.stringify(texts)));
