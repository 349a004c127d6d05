/** Answers in protobuf. */
import { kindModel } from "../../api/kind-model.ts";
import { apiEncoder } from "../../api/message-set.ts";
import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import { encodeEnvelope } from "../../apimachinery/protobuf/envelope.ts";
import { newInternalError } from "../../apimachinery/status-errors.ts";

/** An object of a built-in kind, found by its `kind` and `apiVersion`. Throws an internal error for other kinds. */
export function encodeDocument(document: JsonObject): Uint8Array {
  const kind = String(document.kind);
  // The versions of the core group say none.
  const apiVersion = String(document.apiVersion ?? "v1");
  const model = kindModel(apiVersion === "meta.k8s.io/v1beta1" ? "meta.k8s.io/v1" : apiVersion, kind);
  if (model === undefined || !apiEncoder.has(model)) {
    throw newInternalError(new Error(`No protobuf form is known of ${kind} in ${apiVersion}`));
  }
  return encodeEnvelope(apiEncoder, model, document);
}
