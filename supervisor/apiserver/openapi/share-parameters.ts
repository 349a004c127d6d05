/** In v2 parameters that many operations have are written once (kube-openapi `builder/parameters.go`). */
import { isJsonObject, type JsonObject, type JsonValue } from "../../apimachinery/json/json-value.ts";

const fnvOffset = 0xcbf29ce484222325n;
const fnvPrime = 0x100000001b3n;

/** Eight characters that stand for a text: the beginning of its FNV-1 hash. */
function shortHash(text: string): string {
  let hash = fnvOffset;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, hash * fnvPrime) ^ BigInt(byte);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(hash);
  return bytes.subarray(0, 6).toString("base64url");
}

/** As Go writes JSON. */
function goJson(value: JsonObject): string {
  return JSON.stringify(value).replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}

/** Those that differ from path to path, and those that clients look for in the operation. */
function isOwn(parameter: JsonObject): boolean {
  const { in: place, name, schema } = parameter;
  if (place === "body")
    return !(isJsonObject(schema) && String(schema.$ref).includes("/io.k8s.apimachinery"));
  return name === "name" || name === "fieldValidation" || name === "dryRun";
}

/** Replaces the shared parameters of paths by references, and gives what these refer to. */
export function shareParameters(paths: JsonObject): JsonObject {
  const shared = new Map<string, JsonObject>();
  const names = new Map<string, string>();
  const share = (parameters: JsonValue | undefined): void => {
    if (!Array.isArray(parameters)) return;
    parameters.forEach((parameter, index) => {
      if (!isJsonObject(parameter) || isOwn(parameter)) return;
      const text = goJson(parameter);
      const name = names.get(text) ?? `${String(parameter.name)}-${shortHash(text)}`;
      names.set(text, name);
      shared.set(name, parameter);
      parameters[index] = { $ref: `#/parameters/${name}` };
    });
  };
  for (const path of Object.values(paths)) {
    if (!isJsonObject(path)) continue;
    share(path.parameters);
    for (const operation of Object.values(path)) if (isJsonObject(operation)) share(operation.parameters);
  }
  return Object.fromEntries(Array.from(shared).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
