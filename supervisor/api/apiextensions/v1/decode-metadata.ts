import { isJsonObject, type JsonValue } from "../../../apimachinery/json/json-value.ts";
import { decodeModel, TypeMismatchError } from "../../../apimachinery/schema/decode.ts";
import { goStringTypes } from "../../go-string-types.ts";
import { apiSchemas } from "../../schema-set.ts";

/** Types an object's `metadata` in place, and returns the names of the fields that it does not have. */
export function decodeMetadata(metadata: JsonValue): readonly string[] {
  if (metadata === null) return [];
  if (!isJsonObject(metadata)) {
    const given = Array.isArray(metadata)
      ? "array"
      : typeof metadata === "boolean"
        ? "bool"
        : typeof metadata;
    throw new TypeMismatchError(`json: cannot unmarshal ${given} into Go value of type v1.ObjectMeta`);
  }
  return decodeModel(apiSchemas, "V1ObjectMeta", metadata, goStringTypes).unknownFields;
}
