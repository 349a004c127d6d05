/** Custom resources in the versions in which managers own their fields. */
import { structuralMergeType } from "../../api/structural-merge-type.ts";
import type { FieldWrite, VersionedObject } from "../../apimachinery/fieldmanager/field-manager.ts";
import type { MergeType } from "../../apimachinery/fieldmanager/merge-type.ts";
import { PendingConversion } from "../../apimachinery/fieldmanager/pending-conversion.ts";
import { cloneJson, type JsonObject } from "../../apimachinery/json/json-value.ts";
import type { CustomKind } from "../../registry/custom-kind.ts";

const types = new WeakMap<CustomKind, MergeType>();

/** How objects of a version of a custom resource merge. */
export function customMergeType(kind: CustomKind): MergeType {
  let type = types.get(kind);
  if (type === undefined) {
    type = structuralMergeType(kind.schema, kind.preservesUnknownFields);
    types.set(kind, type);
  }
  return type;
}

/** For one write: a webhook is asked once for each object and version. */
export function customFieldVersions({ versions }: CustomKind): Pick<FieldWrite, "convert" | "typeIn"> {
  const answers = new Map<string, JsonObject>();
  return {
    typeIn(apiVersion) {
      const kind = versions.get(apiVersion);
      return kind && customMergeType(kind);
    },
    convert(object, apiVersion): VersionedObject | undefined {
      const kind = versions.get(apiVersion);
      if (kind === undefined) return undefined;
      const type = customMergeType(kind);
      const question = `${apiVersion} ${JSON.stringify(object)}`;
      const known = answers.get(question);
      if (known !== undefined) return { type, object: known };
      const converted = versions.convert(cloneJson(object), apiVersion);
      if (!(converted instanceof Promise)) return { type, object: converted };
      throw new PendingConversion(converted.then((answer) => answers.set(question, answer)));
    },
  };
}
