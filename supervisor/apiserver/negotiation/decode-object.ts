/** Turns a parsed body into an object of a kind: types, unknown and duplicate fields, kind and version. */
import { goStringTypes } from "../../api/go-string-types.ts";
import { apiSchemas } from "../../api/schema-set.ts";
import { countKeys } from "../../apimachinery/json/count-keys.ts";
import { duplicateFields, strictComplaints } from "../../apimachinery/json/json-scanner.ts";
import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import { type ApiObject, asApiObject } from "../../apimachinery/object-meta.ts";
import { decodeModel, TypeMismatchError } from "../../apimachinery/schema/decode.ts";
import { ScalarError } from "../../apimachinery/schema/scalars.ts";
import { newBadRequest } from "../../apimachinery/status-errors.ts";
import type { CustomKind } from "../../registry/custom-kind.ts";
import type { ExpectedKind } from "./read-body.ts";

export type FieldValidation = "Ignore" | "Warn" | "Strict";

export interface DecodeOptions {
  readonly validation: FieldValidation;
  /** The body's text, for duplicate fields; absent where the object was made by the server. */
  readonly text?: string | undefined;
  /** Gets what the client is to be told. */
  readonly warnings: string[];
}

/** Throws BadRequest in kube-apiserver's words. */
export function decodeObject(object: JsonObject, expected: ExpectedKind, options: DecodeOptions): ApiObject {
  const { kind, apiVersion } = givenType(object, expected);
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
  const refuse = (why: string) =>
    newBadRequest(
      `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${expected.kind}: ${why}`,
    );
  // A custom resource of another kind is a matter of validation.
  if (kind !== expected.kind && expected.custom === undefined)
    throw refuse(wrongKind(kind, version, expected));
  if (apiVersion !== expected.apiVersion) {
    throw newBadRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected.apiVersion})`,
    );
  }
  const complaints = decodeFields(object, expected, options, refuse);
  if (complaints.length > 0 && options.validation === "Strict") {
    throw refuse(`strict decoding error: ${complaints.join(", ")}`);
  }
  if (options.validation === "Warn") options.warnings.push(...complaints);
  return asApiObject(object, kind, expected.apiVersion);
}

function givenType(object: JsonObject, expected: ExpectedKind) {
  const { kind, apiVersion } = object;
  return {
    kind: typeof kind === "string" && kind !== "" ? kind : expected.kind,
    apiVersion: typeof apiVersion === "string" && apiVersion !== "" ? apiVersion : expected.apiVersion,
  };
}

function wrongKind(kind: string, version: string, expected: ExpectedKind): string {
  if (isKnownModel(`${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`)) {
    const internal = expected.apiVersion.includes("/") ? expected.apiVersion.split(".", 1)[0] : "core";
    return `converting (${version}.${kind}) to (${internal}.${expected.kind}): unknown conversion`;
  }
  return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(version)} in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"`;
}

function isKnownModel(model: string): boolean {
  try {
    apiSchemas.get(model);
    return true;
  } catch {
    return false;
  }
}

/** Decodes in place and gives what strict decoding complains of. */
function decodeFields(
  object: JsonObject,
  expected: ExpectedKind,
  options: DecodeOptions,
  refuse: (why: string) => Error,
): readonly string[] {
  try {
    if (expected.custom !== undefined) return decodeCustom(object, expected.custom, options);
    const { unknownFields, fieldCount } = decodeModel(apiSchemas, expected.model, object, goStringTypes);
    if (options.validation === "Ignore") return [];
    const { text } = options;
    if (text === undefined || countKeys(text) === fieldCount) {
      return unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`);
    }
    return strictComplaints(text, unknownFields);
  } catch (error) {
    if (error instanceof TypeMismatchError || error instanceof ScalarError) throw refuse(error.message);
    throw error;
  }
}

function decodeCustom(object: JsonObject, custom: CustomKind, options: DecodeOptions): readonly string[] {
  const unknown = custom.decode(object).map((field) => `unknown field ${JSON.stringify(field)}`);
  const { text, validation } = options;
  if (validation === "Ignore") return [];
  if (text === undefined) return unknown;
  return [...duplicateFields(text).map((field) => `duplicate field ${JSON.stringify(field)}`), ...unknown];
}
