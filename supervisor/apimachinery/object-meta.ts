import type { JsonObject } from "./json/json-value.ts";

/** `metadata` of an object that is being made or changed (meta/v1 `ObjectMeta`). */
export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
}

/** What one manager owns of an object, by its last write of that kind. */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: JsonObject;
  subresource?: string;
}

export interface OwnerReference {
  apiVersion?: string;
  kind?: string;
  name?: string;
  uid?: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** An object of any kind, checked against its model. Its owner may change it. */
export interface ApiObject {
  kind: string;
  apiVersion: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** Takes a decoded body for an object: the model has made sure of the types. */
export function asApiObject(object: JsonObject, kind: string, apiVersion: string): ApiObject {
  // The model behind the decoded body has `metadata` as an object of ObjectMeta's fields, where it is there at all.
  const metadata = (object.metadata ?? {}) as ObjectMeta;
  return { ...object, kind, apiVersion, metadata };
}
