/** Validation of ConfigMaps, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  tooLongField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import { checkConfigKey } from "../../../apimachinery/validation/formats.ts";
import type { V1ConfigMap } from "../../generated/types.ts";

/** What a ConfigMap or Secret may hold in all. */
export const maxDataBytes = 1024 * 1024;

type ConfigMap = Pick<V1ConfigMap, "data" | "binaryData" | "immutable">;

export function validateConfigMap(configMap: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  const { data = {}, binaryData = {} } = configMap;
  let bytes = 0;
  for (const key of Object.keys(data)) {
    for (const message of checkConfigKey(key)) errors.push(invalidField(`data[${key}]`, key, message));
    if (Object.hasOwn(binaryData, key)) {
      errors.push(invalidField(`data[${key}]`, key, "duplicate of key present in binaryData"));
    }
    bytes += Buffer.byteLength(data[key] ?? "");
  }
  for (const key of Object.keys(binaryData)) {
    for (const message of checkConfigKey(key)) errors.push(invalidField(`binaryData[${key}]`, key, message));
    bytes += Buffer.byteLength(binaryData[key] ?? "", "base64");
  }
  if (bytes > maxDataBytes) errors.push(tooLongField("[]", maxDataBytes));
  return errors;
}

export function validateConfigMapUpdate(configMap: ConfigMap, old: ConfigMap): FieldError[] {
  if (!old.immutable) return [];
  const errors: FieldError[] = [];
  const refusal = "field is immutable when `immutable` is set";
  if (!configMap.immutable) errors.push(forbiddenField("immutable", refusal));
  for (const field of ["data", "binaryData"] as const) {
    if (!equalJson(configMap[field] ?? {}, old[field] ?? {})) errors.push(forbiddenField(field, refusal));
  }
  return errors;
}
