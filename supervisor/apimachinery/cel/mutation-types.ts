/** The types of what mutating policies make: `Object.spec{…}` and `JSONPatch{…}` (apiserver `cel/mutation`). */
import type { TypeResolver } from "./environment.ts";
import { type CelType, dynType, objectType, stringType } from "./types.ts";

const patchFields: Readonly<Record<string, CelType>> = {
  op: stringType,
  path: stringType,
  from: stringType,
  value: dynType,
};

/**
 * Any path below `Object` is a type: which fields there are is not known here. A value may be of any type, and an object
 * must be named for its place, which is looked at when it is made use of.
 */
export const mutationResolver: TypeResolver = {
  hasType: (name) => name === "JSONPatch" || name === "Object" || name.startsWith("Object."),
  fieldType(typeName, field) {
    if (typeName === "JSONPatch") return Object.hasOwn(patchFields, field) ? patchFields[field] : undefined;
    return typeName === "Object" || typeName.startsWith("Object.") ? dynType : undefined;
  },
};

export const applyConfigurationType = objectType("Object");
export const jsonPatchType = objectType("JSONPatch");
