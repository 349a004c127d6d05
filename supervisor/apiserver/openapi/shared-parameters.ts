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

/** Gathers them path after path, so that no more than one path has its own copies. */
export class SharedParameters {
  readonly #shared = new Map<string, JsonObject>();
  /** By the parameter's text. */
  readonly #names = new Map<string, string>();

  /** Replaces the shared parameters of a path's item by references. */
  share(item: JsonObject): void {
    this.#shareList(item.parameters);
    for (const operation of Object.values(item)) {
      if (isJsonObject(operation)) this.#shareList(operation.parameters);
    }
  }

  /** What the references lead to. */
  get all(): JsonObject {
    return Object.fromEntries(
      Array.from(this.#shared).toSorted(([left], [right]) => (left < right ? -1 : 1)),
    );
  }

  #shareList(parameters: JsonValue | undefined): void {
    if (!Array.isArray(parameters)) return;
    parameters.forEach((parameter, index) => {
      if (!isJsonObject(parameter) || isOwn(parameter)) return;
      const text = goJson(parameter);
      const name = this.#names.get(text) ?? `${String(parameter.name)}-${shortHash(text)}`;
      this.#names.set(text, name);
      this.#shared.set(name, parameter);
      parameters[index] = { $ref: `#/parameters/${name}` };
    });
  }
}
