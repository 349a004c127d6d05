/** Applies the JSON patch that an expression has made (apiserver `policy/mutating/patch/json_patch.go`). */
import { jsonFromCel, misnamedObject } from "../../../apimachinery/cel/json-from-cel.ts";
import { CelList, type CelValue, StructValue } from "../../../apimachinery/cel/values.ts";
import { isJsonObject, type JsonObject } from "../../../apimachinery/json/json-value.ts";
import { applyJsonPatch } from "../../../apimachinery/patch/json-patch.ts";
import { PatchError } from "../../../apimachinery/patch/patch-error.ts";
import { MutationError } from "./mutation-error.ts";

/** The patched object, undefined where a test in the patch fails; `object` may be changed. Throws a {@link MutationError}. */
export function applyMadePatch(object: JsonObject, made: CelValue): JsonObject | undefined {
  if (!(made instanceof CelList)) {
    throw new MutationError("type mismatch: JSONPatchType.expression should evaluate to array");
  }
  const operations = Array.from(made, operation);
  try {
    const patched = applyJsonPatch(object, operations);
    if (isJsonObject(patched)) return patched;
    throw new MutationError("JSON Patch: the patch does not leave an object");
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    if (error.message === "TEST_OPERATION_FAILED") return undefined;
    throw new MutationError(`JSON Patch: ${error.message}`);
  }
}

function operation(made: CelValue): JsonObject {
  if (!(made instanceof StructValue) || made.typeName !== "JSONPatch") {
    throw new MutationError("type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch");
  }
  const value = made.get("value");
  if (value instanceof StructValue) {
    const misnamed = misnamedObject(value, value.typeName);
    if (misnamed !== undefined) throw new MutationError(`type mismatch: ${misnamed}`);
  }
  const from = made.get("from") ?? "";
  return {
    op: jsonFromCel(made.get("op") ?? ""),
    path: jsonFromCel(made.get("path") ?? ""),
    ...(from === "" ? {} : { from: jsonFromCel(from) }),
    ...(value === undefined ? {} : { value: jsonFromCel(value) }),
  };
}
