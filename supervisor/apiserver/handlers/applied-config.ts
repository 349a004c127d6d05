/** The body of a server-side apply: one object in YAML, or in JSON, which most clients send. */
import { parseDocument, type YAMLError } from "yaml";
import { countKeys } from "../../apimachinery/json/count-keys.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../apimachinery/json/json-value.ts";
import { newBadRequest } from "../../apimachinery/status-errors.ts";

export interface AppliedConfig {
  readonly config: JsonObject;
  /** What strict decoding complains of: fields that are given twice. */
  readonly complaint: string | undefined;
}

function keysOf(value: JsonValue | undefined): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + keysOf(item), 0);
  if (!isJsonObject(value)) return 0;
  const names = Object.keys(value);
  return names.reduce((sum, name) => sum + keysOf(value[name]), names.length);
}

function parsedJson(text: string): JsonValue | undefined {
  try {
    // JSON.parse makes nothing but JSON values.
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** `line 3: key "a" already set in map`. */
function repeatedKey(error: YAMLError, text: string): string {
  const [start, end] = error.pos;
  const line = error.linePos?.[0].line ?? 1;
  const key = /^["']?(.*?)["']?\s*(?::|$)/m.exec(text.slice(start, Math.max(end, start + 256)))?.[1] ?? "";
  return `line ${line}: key ${JSON.stringify(key)} already set in map`;
}

/** Throws BadRequest for what is no object. */
export function parseAppliedConfig(text: string): AppliedConfig {
  const json = parsedJson(text);
  if (isJsonObject(json) && countKeys(text) === keysOf(json)) return { config: json, complaint: undefined };
  const document = parseDocument(text, { version: "1.1", uniqueKeys: true });
  const repeated = document.errors.filter(({ code }) => code === "DUPLICATE_KEY");
  const broken = document.errors.find(({ code }) => code !== "DUPLICATE_KEY");
  if (broken !== undefined) {
    throw newBadRequest(`error decoding patch: error converting YAML to JSON: yaml: ${firstLine(broken)}`);
  }
  const value = json ?? asJson(document.toJS({ maxAliasCount: 100 }));
  if (!isJsonObject(value)) {
    const found = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
    throw newBadRequest(
      `error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${found} into Go value of type map[string]interface {}`,
    );
  }
  if (repeated.length === 0) return { config: value, complaint: undefined };
  const lines = repeated.map((error) => `  ${repeatedKey(error, text)}`).join("\n");
  return { config: value, complaint: `error converting YAML to JSON: yaml: unmarshal errors:\n${lines}` };
}

function firstLine({ message }: YAMLError): string {
  return message.split("\n", 1)[0] ?? message;
}

/** YAML's values as JSON has them. */
function asJson(value: unknown): JsonValue {
  // JSON.parse makes nothing but JSON values.
  return JSON.parse(JSON.stringify(value) ?? "null") as JsonValue;
}
