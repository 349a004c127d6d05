import { isJsonObject, type JsonObject, type JsonValue, setField } from "../json/json-value.ts";

/** Applies a JSON merge patch (RFC 7396). The target may be changed; the result may share parts with the patch. */
export function applyMergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch;
  const result: JsonObject = isJsonObject(target) ? target : {};
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === null || value === undefined) delete result[key];
    else {
      const present = Object.hasOwn(result, key) ? result[key] : undefined;
      setField(result, key, applyMergePatch(present, value));
    }
  }
  return result;
}
