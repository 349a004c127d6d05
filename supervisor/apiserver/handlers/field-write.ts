/** Tells the field manager who writes what. */
import { builtInMergeType } from "../../api/merge-types.ts";
import type { FieldWrite, VersionedObject } from "../../apimachinery/fieldmanager/field-manager.ts";
import { noFields } from "../../apimachinery/fieldmanager/field-set.ts";
import type { MergeType } from "../../apimachinery/fieldmanager/merge-type.ts";
import { cloneJson, type JsonObject } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { timestamp } from "../../base/timestamp.ts";
import { apiVersionOf, type ResourceDefinition } from "../../registry/resource-definition.ts";
import { resourceDefinitions } from "../../registry/resource-definitions.ts";
import type { ResourceContext } from "../request-context.ts";
import { customFieldVersions, customMergeType } from "./custom-field-versions.ts";
import { maxFieldManagerBytes, type WriteOptions } from "./request-options.ts";
import { resetFieldsOf, takenFieldsOf } from "./reset-fields.ts";

/** How objects of a resource merge. */
export function mergeTypeOf({ custom, model }: ResourceDefinition): MergeType {
  return custom === undefined ? builtInMergeType(model) : customMergeType(custom);
}

/** An object of a built-in kind in another version of it; undefined for a version that is not served. */
function convert(
  definition: ResourceDefinition,
  object: JsonObject,
  apiVersion: string,
): VersionedObject | undefined {
  const isOfKind = (other: ResourceDefinition) => other.storagePrefix === definition.storagePrefix;
  const present = object.apiVersion;
  const source = resourceDefinitions.find((other) => isOfKind(other) && apiVersionOf(other) === present);
  const target = resourceDefinitions.find((other) => isOfKind(other) && apiVersionOf(other) === apiVersion);
  if (source === undefined || target === undefined) return undefined;
  // It is an object of the kind; the conversion gets its own copy.
  const copy = cloneJson(object) as unknown as ApiObject;
  const stored = source.view?.toStorage(copy) ?? copy;
  const converted = { ...(target.view?.fromStorage(stored) ?? stored), apiVersion };
  return { type: mergeTypeOf(target), object: converted as unknown as JsonObject };
}

const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** The manager that a client names, else the first part of its user agent (kubernetes `managerOrUserAgent`). */
function managerName(request: Request, options: WriteOptions): string {
  if (options.fieldManager !== "") return options.fieldManager;
  const agent = request.headers.get("user-agent") ?? "";
  const [product = ""] = agent.split("/", 1);
  const name = product.replace(unprintable, "");
  if (Buffer.byteLength(name) <= maxFieldManagerBytes) return name;
  return Buffer.from(name)
    .subarray(0, maxFieldManagerBytes)
    .toString()
    .replace(/\uFFFD+$/, "");
}

/** A write of a view of the object, which is a kind of its own. */
export function viewWrite(
  context: ResourceContext,
  view: { readonly group: string; readonly version: string; readonly model: string },
  options: WriteOptions,
): FieldWrite {
  return {
    type: builtInMergeType(view.model),
    apiVersion: apiVersionOf(view),
    subresource: context.info.subresource,
    manager: managerName(context.request, options),
    now: timestamp(context.services.clock.now()),
    resetFields: noFields,
  };
}

export function fieldWrite(context: ResourceContext, options: WriteOptions): FieldWrite {
  const { definition } = context.store;
  const { subresource } = context.info;
  const takenFields = takenFieldsOf(definition, subresource);
  return {
    type: mergeTypeOf(definition),
    apiVersion: apiVersionOf(definition),
    subresource,
    manager: managerName(context.request, options),
    now: timestamp(context.services.clock.now()),
    resetFields: resetFieldsOf(definition, subresource),
    ...(takenFields === undefined ? {} : { takenFields }),
    ...(definition.custom === undefined
      ? { convert: (object, apiVersion) => convert(definition, object, apiVersion) }
      : customFieldVersions(definition.custom)),
  };
}
