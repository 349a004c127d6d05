import { applyPatch, JsonPatchError, type Operation } from "fast-json-patch";
import { isJsonObject, type JsonValue } from "../json/json-value.ts";
import { PatchError } from "./patch-error.ts";

function isOperation(value: JsonValue): boolean {
  return isJsonObject(value) && typeof value.op === "string" && typeof value.path === "string";
}

/** The library would make a value that contains itself (RFC 6902, 4.4 forbids it). */
function movesIntoItself(value: JsonValue): boolean {
  if (!isJsonObject(value) || value.op !== "move") return false;
  const { path, from } = value;
  return typeof path === "string" && typeof from === "string" && path.startsWith(`${from}/`);
}

/** Applies a JSON patch (RFC 6902). The target may be changed, also by a patch that fails. Throws a {@link PatchError}. */
export function applyJsonPatch(target: JsonValue, patch: JsonValue): JsonValue {
  if (!Array.isArray(patch) || !patch.every(isOperation)) {
    throw new PatchError("a JSON patch is a list of operations, each with op and path");
  }
  const inside = patch.find(movesIntoItself);
  if (inside !== undefined) {
    const message = `move operation does not apply: ${JSON.stringify(inside)} moves a value into itself`;
    throw new PatchError(message, "unprocessable");
  }
  try {
    // Each operation has been looked at; the library checks the rest and refuses paths to prototypes.
    const operations = patch as unknown as Operation[];
    return applyPatch<JsonValue>(target, operations, true, true, true).newDocument;
  } catch (error) {
    if (error instanceof JsonPatchError) throw new PatchError(error.name, "unprocessable", { cause: error });
    if (error instanceof TypeError) throw new PatchError(error.message, "unprocessable", { cause: error });
    throw error;
  }
}
