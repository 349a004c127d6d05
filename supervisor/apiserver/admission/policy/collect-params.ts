import type { V1ParamKind, V1ParamRef } from "../../../api/generated/types.ts";
import { isNotFound } from "../../../apimachinery/errors.ts";
import { selectorRequirements } from "../../../apimachinery/label-selector.ts";
import { matchesLabels } from "../../../apimachinery/labels.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { pagesOf } from "../../../storage/pages-of.ts";
import type { ResourceIndex } from "../../resource-index.ts";
import type { ObjectStore } from "../../storage/object-store.ts";

/** A policy or binding says something that cannot be. The message is upstream's. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

function storeOf(kind: V1ParamKind, index: ResourceIndex): ObjectStore {
  const { apiVersion = "", kind: name = "" } = kind;
  for (const { group, version, definitions } of index.groupVersions) {
    if ((group === "" ? version : `${group}/${version}`) !== apiVersion) continue;
    const definition = definitions.find((candidate) => candidate.kind === name);
    const store = definition && index.store(group, version, definition.resource);
    if (store !== undefined) return store;
  }
  throw new ConfigurationError(
    `paramKind kind \`&ParamKind{APIVersion:${apiVersion},Kind:${name},}\` not known`,
  );
}

function namespaceOf(store: ObjectStore, reference: V1ParamRef, namespace: string): string {
  const { namespace: wanted = "" } = reference;
  if (!store.definition.namespaced) {
    if (wanted === "") return "";
    throw new ConfigurationError("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
  }
  if (wanted !== "" || namespace !== "") return wanted || namespace;
  throw new ConfigurationError(
    "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources",
  );
}

/**
 * The objects by which a binding is evaluated, once for each; undefined stands for none, where the binding has no
 * parameters. Rejects with a {@link ConfigurationError}.
 */
export async function collectParams(
  kind: V1ParamKind | undefined,
  reference: V1ParamRef | undefined,
  requestNamespace: string,
  index: ResourceIndex,
): Promise<ReadonlyArray<ApiObject | undefined>> {
  if (kind === undefined || reference === undefined) return [undefined];
  const store = storeOf(kind, index);
  const namespace = namespaceOf(store, reference, requestNamespace);
  const params = reference.name
    ? await named(store, namespace, reference.name)
    : await selected(store, namespace, reference);
  if (params.length === 0 && reference.parameterNotFoundAction === "Deny") {
    throw new ConfigurationError("no params found for policy binding with `Deny` parameterNotFoundAction");
  }
  return params;
}

async function named(store: ObjectStore, namespace: string, name: string): Promise<ApiObject[]> {
  try {
    return [store.codec.decode(await store.get(namespace, name))];
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

async function selected(
  store: ObjectStore,
  namespace: string,
  { selector }: V1ParamRef,
): Promise<ApiObject[]> {
  const requirements = selectorRequirements(selector ?? {});
  if (requirements === undefined) throw new ConfigurationError("the selector of paramRef is invalid");
  const found: ApiObject[] = [];
  for await (const { items } of pagesOf(store.backend, store.prefix(namespace))) {
    for (const item of items) {
      if (matchesLabels(requirements, store.codec.labels(item))) found.push(store.codec.decode(item));
    }
  }
  return found;
}
