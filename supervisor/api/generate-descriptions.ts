/**
 * Writes `generated/descriptions.br`: what the declaration files of `@kubernetes/client-node` say of the models, their
 * fields and the parameters of requests, as compressed JSON that is read when OpenAPI is asked for. The Go types
 * (`generated/go-texts.br`) add what these leave out: paragraphs, and fields that are objects.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { Descriptions } from "./descriptions.ts";

const generatedFolder = new URL("../../node_modules/@kubernetes/client-node/dist/gen/", import.meta.url);

/** The text of a comment: its stars and what the generator of the client has escaped are taken away. */
function commentText(comment: string): string {
  return comment
    .replace(/^ *\* ?/gm, "")
    .replaceAll("&#x60;", "`")
    .replaceAll("&#x3D;", "=")
    .replaceAll("\\&#39;", "'")
    .replaceAll("\\&quot;", '"')
    .replace(/\\(['"])/g, "$1")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&")
    .replaceAll("*_/", "*/")
    .replaceAll("/_*", "/*")
    .trim();
}

function modelDescriptions(model: string): Descriptions["models"][string] {
  const text = readFileSync(new URL(`models/${model}.d.ts`, generatedFolder), "utf8");
  const own = /\n\/\*\*\n((?: ?\*.*\n|(?!export).*\n)*?) ?\*\/\nexport declare class/.exec(text)?.[1] ?? "";
  const fields: Record<string, string> = {};
  for (const [, comment = "", name = ""] of text.matchAll(
    / {4}\/\*\*\n([\s\S]*?) *\*\/\n {4}'([^']+)'\??:/g,
  )) {
    fields[name] = commentText(comment);
  }
  return [commentText(own), fields];
}

type ModelTexts = Descriptions["models"][string];

/** Tells whether two texts say the same, however their lines are broken. */
function flat(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

const enumHead = "Possible enum values:";

/** Go's text, with the values of an enumeration that only the client's has. */
function merged(own: string, goText: string): string {
  const [head = "", values] = own.split(enumHead);
  if (values === undefined || flat(head) !== flat(goText)) return goText;
  return `${goText}\n\n${enumHead}${values.trimEnd().replace(/ - `"/g, '\n - `"')}`;
}

function withGoTexts([own, fields]: ModelTexts, goTexts: ModelTexts | undefined): ModelTexts {
  if (goTexts === undefined) return [own, fields];
  const [goOwn, goFields] = goTexts;
  const all = { ...fields };
  for (const [name, text] of Object.entries(goFields)) all[name] = merged(fields[name] ?? "", text);
  return [merged(own, goOwn), all];
}

function readGoTexts(): Descriptions["models"] {
  const packed = readFileSync(new URL("generated/go-texts.br", import.meta.url));
  // The generator of facts has written these.
  return JSON.parse(brotliDecompressSync(packed).toString("utf8")) as Descriptions["models"];
}

/** A parameter in the query that has the name of one in the path. */
const queryNames: Readonly<Record<string, string>> = { path2: "path" };

const requests = /export interface (\w+)Request \{\n([\s\S]*?)\n\}/g;
const parameters = /\/\*\*\n((?:(?!\*\/)[\s\S])*?)\s+\* Defaults to: (?:(?!\*\/)[\s\S])*?\*\/\s+_?(\w+)\??:/g;

/** The parameters' descriptions by request kind: what differs between `patch` and others, and between the connects. */
function parameterDescriptions(): Descriptions["parameters"] {
  const text = readFileSync(new URL("types/ObjectParamAPI.d.ts", generatedFolder), "utf8");
  const found: Record<string, Record<string, string>> = {};
  for (const [, request = "", body = ""] of text.matchAll(requests)) {
    const kind =
      /^CoreV1Api(?:(List|Create|Patch|DeleteCollection)NamespacedPod|ConnectGet(?:Namespaced)?(\w+?)(?:WithPath)?|(ReadNamespacedPodLog))$/.exec(
        request,
      );
    if (kind === null) continue;
    const own = found[kind[1] ?? kind[2] ?? "PodLog"] ?? {};
    found[kind[1] ?? kind[2] ?? "PodLog"] = own;
    for (const [, comment = "", name = ""] of body.matchAll(parameters))
      own[queryNames[name] ?? name] = commentText(comment);
  }
  return found;
}

/** `models` are the names of the models in the schema tables. */
export function writeDescriptions(models: readonly string[]): void {
  const goTexts = readGoTexts();
  const described = (model: string) => withGoTexts(modelDescriptions(model), goTexts[model]);
  const descriptions: Descriptions = {
    models: Object.fromEntries(models.map((model) => [model, described(model)])),
    parameters: parameterDescriptions(),
  };
  const packed = brotliCompressSync(JSON.stringify(descriptions), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 },
  });
  writeFileSync(new URL("generated/descriptions.br", import.meta.url), packed);
}
