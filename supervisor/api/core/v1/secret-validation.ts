/** Validation of Secrets, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  forbiddenField,
  immutableField,
  invalidField,
  requiredField,
  tooLongField,
} from "../../../apimachinery/field-error.ts";
import { describeSyntaxError } from "../../../apimachinery/json/json-scanner.ts";
import { equalJson, isJsonObject } from "../../../apimachinery/json/json-value.ts";
import { checkConfigKey } from "../../../apimachinery/validation/formats.ts";
import type { V1Secret } from "../../generated/types.ts";
import { maxDataBytes } from "./config-map-validation.ts";

type Secret = Pick<V1Secret, "data" | "immutable" | "type"> & {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
};

const requiredKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ["kubernetes.io/dockercfg", [".dockercfg"]],
  ["kubernetes.io/dockerconfigjson", [".dockerconfigjson"]],
  ["kubernetes.io/ssh-auth", ["ssh-privatekey"]],
  ["kubernetes.io/tls", ["tls.crt", "tls.key"]],
]);

const accountAnnotation = "kubernetes.io/service-account.name";

export function validateSecret(secret: Secret): FieldError[] {
  const errors: FieldError[] = [];
  const { data = {}, type = "" } = secret;
  let bytes = 0;
  for (const key of Object.keys(data)) {
    for (const message of checkConfigKey(key)) errors.push(invalidField(`data[${key}]`, key, message));
    bytes += Buffer.byteLength(data[key] ?? "", "base64");
  }
  if (bytes > maxDataBytes) errors.push(tooLongField("data", maxDataBytes));
  for (const key of requiredKeys.get(type) ?? []) {
    const isEmptyKey = type === "kubernetes.io/ssh-auth" && !data[key];
    if (isEmptyKey || !Object.hasOwn(data, key)) errors.push(requiredField(`data[${key}]`));
  }
  if (
    type === "kubernetes.io/basic-auth" &&
    !Object.hasOwn(data, "username") &&
    !Object.hasOwn(data, "password")
  ) {
    errors.push(requiredField("data[username]"), requiredField("data[password]"));
  }
  if (type === "kubernetes.io/service-account-token" && !secret.metadata.annotations?.[accountAnnotation]) {
    errors.push(requiredField(`metadata.annotations[${accountAnnotation}]`));
  }
  for (const key of [".dockercfg", ".dockerconfigjson"]) {
    if (!requiredKeys.get(type)?.includes(key) || data[key] === undefined) continue;
    const complaint = jsonComplaint(data[key]);
    if (complaint !== undefined)
      errors.push(invalidField(`data[${key}]`, "<secret contents redacted>", complaint));
  }
  return errors;
}

/** What Go says of a text that is no JSON object; undefined for one that is. */
function jsonComplaint(base64: string): string | undefined {
  const text = Buffer.from(base64, "base64").toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return describeSyntaxError(text);
  }
  if (value === null || isJsonObject(value)) return undefined;
  const kind = typeof value === "boolean" ? "bool" : Array.isArray(value) ? "array" : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
}

export function validateSecretUpdate(secret: Secret, old: Secret): FieldError[] {
  const errors: FieldError[] = [];
  if ((secret.type ?? "") !== (old.type ?? "")) errors.push(immutableField("type", secret.type));
  if (!old.immutable) return errors;
  const refusal = "field is immutable when `immutable` is set";
  if (!secret.immutable) errors.push(forbiddenField("immutable", refusal));
  if (!equalJson(secret.data ?? {}, old.data ?? {})) errors.push(forbiddenField("data", refusal));
  return errors;
}
