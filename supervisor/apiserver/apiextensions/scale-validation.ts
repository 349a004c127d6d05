/** The numbers that the `scale` subresource shows are whole, positive and not too large. */
import type { V1CustomResourceSubresourceScale } from "../../api/generated/types.ts";
import { type FieldError, invalidField } from "../../apimachinery/field-error.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../apimachinery/json/json-value.ts";

const maxReplicas = 2 ** 31 - 1;

type Scale = V1CustomResourceSubresourceScale | undefined;

export function scaleSpecErrors(object: JsonObject, scale: Scale): readonly FieldError[] {
  return scale === undefined ? [] : replicasErrors(object, scale.specReplicasPath);
}

export function scaleStatusErrors(object: JsonObject, scale: Scale): readonly FieldError[] {
  if (scale === undefined) return [];
  const { statusReplicasPath, labelSelectorPath } = scale;
  const errors = [...replicasErrors(object, statusReplicasPath)];
  if (!labelSelectorPath) return errors;
  const selector = valueAt(object, labelSelectorPath);
  if (selector === undefined || typeof selector === "string") return errors;
  return [...errors, invalidField(labelSelectorPath, "", wrongType(labelSelectorPath, selector, "string"))];
}

function valueAt(object: JsonObject, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const name of path.replace(/^\./, "").split("."))
    value = isJsonObject(value) ? value[name] : undefined;
  return value;
}

function replicasErrors(object: JsonObject, path: string): readonly FieldError[] {
  const replicas = valueAt(object, path);
  if (replicas === undefined) return [];
  if (typeof replicas !== "number" || !Number.isInteger(replicas)) {
    return [invalidField(path, 0, wrongType(path, replicas, "int64"))];
  }
  if (replicas < 0) return [invalidField(path, replicas, "should be a non-negative integer")];
  if (replicas <= maxReplicas) return [];
  return [invalidField(path, replicas, `should be less than or equal to ${maxReplicas}`)];
}

const goTypes: Readonly<Record<string, string>> = { string: "string", boolean: "bool", number: "float64" };

/** As apimachinery's `unstructured.NestedInt64` and its like complain. */
function wrongType(path: string, value: JsonValue, wanted: string): string {
  const type = Array.isArray(value)
    ? "[]interface {}"
    : isJsonObject(value)
      ? "map[string]interface {}"
      : (goTypes[typeof value] ?? "<nil>");
  const shown = typeof value === "string" ? value : JSON.stringify(value);
  return `${path} accessor error: ${shown} is of the type ${type}, expected ${wanted}`;
}
