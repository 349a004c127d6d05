/** Objects of the API within objects: their `metadata` is typed (apiextensions-apiserver `pkg/apiserver/schema/objectmeta`). */
import { type FieldError, invalidField, requiredField } from "../field-error.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import type { ObjectMeta } from "../object-meta.ts";
import { checkDnsLabel } from "../validation/formats.ts";
import { validateObjectMeta } from "../validation/object-meta.ts";
import { fieldOf, type Structural } from "./structural.ts";

/** Decodes `metadata` in place and returns the names of unknown fields; throws for wrong types. */
export type MetaDecoder = (metadata: JsonValue) => readonly string[];

/** A field of an embedded object has the wrong type. */
export class EmbeddedObjectError extends Error {
  override readonly name = "EmbeddedObjectError";
}

function visitEmbedded(
  value: JsonValue | undefined,
  structural: Structural | undefined,
  path: string,
  visit: (object: JsonObject, path: string) => void,
): void {
  if (structural === undefined || !structural.holds.embedded) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      visitEmbedded(item, structural.items, `${path}[${index}]`, visit);
    });
  } else if (isJsonObject(value)) {
    if (structural.isEmbedded) visit(value, path);
    for (const name of Object.keys(value)) {
      const inner =
        path === "" ? name : structural.properties.has(name) ? `${path}.${name}` : `${path}[${name}]`;
      visitEmbedded(value[name], fieldOf(structural, name), inner, visit);
    }
  }
}

/** Types the metadata of embedded objects in place; the paths of dropped fields. Throws an {@link EmbeddedObjectError}. */
export function decodeEmbedded(
  value: JsonObject,
  structural: Structural,
  decodeMeta: MetaDecoder,
): readonly string[] {
  const dropped: string[] = [];
  visitEmbedded(value, structural, "", (object, path) => {
    for (const name of ["apiVersion", "kind"]) {
      const text = object[name];
      if (text !== undefined && typeof text !== "string") {
        throw new EmbeddedObjectError(invalidText(`${path}.${name}`, text, "must be a string"));
      }
    }
    const { metadata } = object;
    if (metadata === undefined) return;
    try {
      dropped.push(...decodeMeta(metadata).map((field) => `${path}.metadata.${field}`));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new EmbeddedObjectError(invalidText(`${path}.metadata`, metadata, why), { cause: error });
    }
  });
  return dropped.sort();
}

function invalidText(path: string, value: JsonValue, why: string): string {
  return `${path}: ${invalidField(path, value, why).body}`;
}

export function validateEmbedded(value: JsonObject, structural: Structural): readonly FieldError[] {
  const errors: FieldError[] = [];
  visitEmbedded(value, structural, "", (object, path) => {
    errors.push(...typeErrors(object, path), ...metadataErrors(object, path));
  });
  return errors;
}

function typeErrors({ apiVersion, kind }: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (apiVersion === undefined) errors.push(requiredField(`${path}.apiVersion`));
  else if (apiVersion === "") errors.push(invalidField(`${path}.apiVersion`, "", "must not be empty"));
  else if (typeof apiVersion === "string" && apiVersion.split("/").length > 2) {
    const detail = `unexpected GroupVersion string: ${apiVersion}`;
    errors.push(invalidField(`${path}.apiVersion`, apiVersion, detail));
  }
  if (kind === undefined) errors.push(requiredField(`${path}.kind`));
  else if (kind === "") errors.push(invalidField(`${path}.kind`, "", "must not be empty"));
  else if (typeof kind === "string" && checkDnsLabel(kind.toLowerCase()).length > 0) {
    const detail = `may have mixed case, but should otherwise match: ${checkDnsLabel(kind.toLowerCase()).join(",")}`;
    errors.push(invalidField(`${path}.kind`, kind, detail));
  }
  return errors;
}

function metadataErrors({ metadata }: JsonObject, path: string): readonly FieldError[] {
  if (!isJsonObject(metadata)) return [];
  // Decoding has typed it.
  const meta = metadata as ObjectMeta;
  const checked = { ...meta, name: meta.name || "fakename" };
  const errors = validateObjectMeta(checked, {
    namespaced: Boolean(meta.namespace),
    checkName: checkPathSegment,
  });
  return errors.map((error) => ({ ...error, field: `${path}.${error.field}` }));
}

/** A name that may stand in a path (apimachinery `validate/content`). */
function checkPathSegment(name: string): readonly string[] {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
}
