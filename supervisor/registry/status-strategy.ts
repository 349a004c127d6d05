/** The rules by which a kind's spec and status keep out of each other's way (kubernetes `pkg/registry`, strategies). */
import type { FieldError } from "../apimachinery/field-error.ts";
import { cloneJson, equalJson, type JsonObject } from "../apimachinery/json/json-value.ts";
import type { ApiObject, ObjectMeta } from "../apimachinery/object-meta.ts";
import type { Strategy, Subresource } from "./resource-definition.ts";

type Preparation = Required<Pick<Strategy, "prepareForCreate" | "prepareForUpdate">>;

/** Sets a field back to what it was, also where it was absent. */
function keepField(object: ApiObject, old: ApiObject, field: string): void {
  if (old[field] === undefined) delete object[field];
  else object[field] = old[field];
}

/** A new object's status is the server's to set: `initial`, or nothing. Updates leave it alone. */
export function ownStatus(initial: JsonObject = {}): Preparation {
  return {
    prepareForCreate(object) {
      object.status = cloneJson(initial);
    },
    prepareForUpdate(object, old) {
      keepField(object, old, "status");
    },
  };
}

/** `metadata.generation` counts the changes of `fields`. */
export function countedGeneration(fields: readonly string[] = ["spec"]): Preparation {
  return {
    prepareForCreate(object) {
      object.metadata.generation = 1;
    },
    prepareForUpdate(object, old) {
      if (fields.every((field) => equalJson(object[field], old[field]))) return;
      object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
  };
}

/** Both: each in its turn. */
export function prepared(...parts: readonly Preparation[]): Preparation {
  return {
    prepareForCreate(object, context) {
      for (const part of parts) part.prepareForCreate(object, context);
    },
    prepareForUpdate(object, old, context) {
      for (const part of parts) part.prepareForUpdate(object, old, context);
    },
  };
}

/** What of `metadata` a change of the status may not touch (meta/v1 `ResetObjectMetaForStatus`). */
const keptMeta = ["generation", "labels", "annotations", "finalizers", "ownerReferences"] as const;

export interface StatusRules {
  /** Whether labels, annotations and the like stay as well. */
  readonly keepsMetadata?: boolean;
  validateUpdate?(object: ApiObject, old: ApiObject): readonly FieldError[];
  warnings?(object: ApiObject): readonly string[];
}

/** The `status` subresource: it changes the status and nothing of the spec. */
export function statusPart(rules: StatusRules = {}): Subresource {
  const { keepsMetadata = false, validateUpdate, warnings } = rules;
  return {
    type: "part",
    strategy: {
      prepareForUpdate(object, old) {
        keepField(object, old, "spec");
        if (keepsMetadata) for (const field of keptMeta) keepMeta(object.metadata, old.metadata, field);
      },
      ...(validateUpdate === undefined ? {} : { validateUpdate }),
      ...(warnings === undefined ? {} : { warnings }),
    },
  };
}

function keepMeta<Key extends keyof ObjectMeta>(meta: ObjectMeta, old: ObjectMeta, key: Key): void {
  if (old[key] === undefined) delete meta[key];
  else meta[key] = old[key];
}
