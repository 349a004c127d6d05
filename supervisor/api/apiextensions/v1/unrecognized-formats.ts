import { type JsonSchema, someSchema } from "../../../apimachinery/structural/json-schema.ts";
import { openApiFormat } from "../../../apimachinery/validation/open-api-formats.ts";
import type { V1CustomResourceDefinitionSpec } from "../../generated/types.ts";

const numberFormats: Readonly<Record<string, readonly string[]>> = {
  integer: ["int32", "int64"],
  number: ["float", "double"],
};

/** The formats in a definition's schemas that mean nothing. */
export function unrecognizedFormats({ versions }: V1CustomResourceDefinitionSpec): readonly string[] {
  const found = new Set<string>();
  for (const { schema } of versions) {
    // Decoding and the defaults have checked the schema.
    someSchema((schema?.openAPIV3Schema ?? {}) as JsonSchema, ({ type = "", format = "" }) => {
      if (format !== "" && !isKnown(type, format)) found.add(format);
      return false;
    });
  }
  return Array.from(found);
}

function isKnown(type: string, format: string): boolean {
  if (type === "" || type === "string") return openApiFormat(format) !== undefined;
  return numberFormats[type]?.includes(format) ?? false;
}
