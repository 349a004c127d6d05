import { expect } from "bun:test";
import type { KubernetesList, KubernetesObject } from "../../../supervisor/client/types.ts";
import type { Api } from "./api.ts";
import { pathOf } from "./api-facts.ts";

/** A kind whose resource takes every verb. */
export interface OperatedKind {
  readonly groupVersion: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespace?: string;
  /** All of an object but its names and labels. */
  readonly content: object;
  /** Parts of an object that may be changed: what a patch sets, and what an update then sets. */
  readonly patch?: object;
  readonly update?: object;
  /** Conditions of this form are kept in the status. Absent for a kind without a status. */
  readonly condition?: object;
  /** What holds of what was created, beside its names. */
  readonly created?: object;
}

interface Operated extends KubernetesObject {
  readonly [field: string]: unknown;
}

/**
 * Finds the resource in discovery, and goes through create, get, list, watch, patch, update, status, delete and delete
 * of a collection.
 */
export async function checkApiOperations(api: Api, kind: OperatedKind): Promise<void> {
  await checkDiscovery(api, kind);
  const within = kind.namespace === undefined ? "" : `/namespaces/${kind.namespace}`;
  const path = `${pathOf(kind.groupVersion)}${within}/${kind.resource}`;
  const label = Math.random().toString(36).slice(2);
  const selection = `${path}?labelSelector=operated=${label}`;
  const metadata = { generateName: "operated-", labels: { operated: label } };
  const create = (): Promise<Operated> => api.create<Operated>(path, { metadata, ...kind.content });
  const names = (): Promise<string[]> => namesOf(api, selection);

  await create();
  await create();
  const created = await create();
  const name = created.metadata?.name ?? "";
  expect(created).toMatchObject({ apiVersion: kind.groupVersion, kind: kind.kind, ...kind.created });
  expect(await api.get<Operated>(`${path}/${name}`)).toMatchObject({
    metadata: { uid: created.metadata?.uid },
  });
  expect(await names()).toHaveLength(3);
  if (kind.namespace !== undefined) {
    const everywhere = `${pathOf(kind.groupVersion)}/${kind.resource}?labelSelector=operated=${label}`;
    expect(await namesOf(api, everywhere)).toHaveLength(3);
  }
  await checkChanges(api, kind, `${path}/${name}`, selection);
  if (kind.condition !== undefined) await checkStatus(api, kind.condition, `${path}/${name}`);

  await api.delete(`${path}/${name}`, { preconditions: { uid: created.metadata?.uid ?? "" } });
  expect((await api.call("GET", `${path}/${name}`)).status).toBe(404);
  expect(await names()).toHaveLength(2);
  await api.delete(selection);
  expect(await names()).toEqual([]);
}

async function namesOf(api: Api, path: string): Promise<string[]> {
  const { items } = await api.get<KubernetesList<Operated>>(path);
  return items.map(({ metadata }) => metadata?.name ?? "");
}

async function checkDiscovery(
  api: Api,
  { groupVersion, resource, kind, condition }: OperatedKind,
): Promise<void> {
  const [group = "", version = ""] = groupVersion.split("/");
  const known = { groupVersion, version };
  const { groups } = await api.get<{ groups: { name: string; versions: object[] }[] }>("/apis");
  expect(groups.find(({ name }) => name === group)?.versions).toContainEqual(known);
  expect((await api.get<{ versions: object[] }>(`/apis/${group}`)).versions).toContainEqual(known);
  const { resources } = await api.get<{ resources: { name: string }[] }>(`/apis/${groupVersion}`);
  const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
  expect(resources.find(({ name }) => name === resource)).toMatchObject({ kind, verbs });
  if (condition === undefined) return;
  const status = { kind, verbs: ["get", "patch", "update"] };
  expect(resources.find(({ name }) => name === `${resource}/status`)).toMatchObject(status);
}

/** A watch from the list on sees the object changed by a patch and by an update. */
async function checkChanges(api: Api, kind: OperatedKind, path: string, selection: string): Promise<void> {
  const { metadata } = await api.get<KubernetesList<Operated>>(selection);
  const watch = await api.watch<Operated>(`${selection}&resourceVersion=${metadata?.resourceVersion}`);
  const before = await api.get<Operated>(path);
  const patched = await api.patch<Operated>(path, {
    ...kind.patch,
    metadata: { annotations: { patched: "true" } },
  });
  expect(patched).toMatchObject({ ...kind.patch, metadata: { annotations: { patched: "true" } } });
  expect(versionOf(patched)).toBeGreaterThan(versionOf(before));
  const updated = await api.update<Operated>(path, (found) => ({
    ...merge(found, kind.update ?? {}),
    metadata: { ...found.metadata, annotations: { ...found.metadata?.annotations, updated: "true" } },
  }));
  const annotations = { patched: "true", updated: "true" };
  expect(updated).toMatchObject({ ...kind.update, metadata: { annotations } });
  const first = await watch.next();
  expect(first.type).toBe("MODIFIED");
  expect(first.object.metadata?.annotations).toMatchObject({ patched: "true" });
  await watch.until("MODIFIED", (object) => object.metadata?.annotations?.updated === "true");
  watch.stop();
}

async function checkStatus(api: Api, condition: object, path: string): Promise<void> {
  const read = await api.get<Operated>(`${path}/status`);
  expect(read.metadata?.uid).toBe((await api.get<Operated>(path)).metadata?.uid ?? "");
  const patched = { ...condition, type: "PatchedByATest" };
  const afterPatch = await api.patch<Operated>(`${path}/status`, { status: { conditions: [patched] } });
  expect(afterPatch.status).toMatchObject({ conditions: [patched] });
  const updated = { ...condition, type: "UpdatedByATest" };
  const afterUpdate = await api.update<Operated>(`${path}/status`, (found) => ({
    ...found,
    status: { ...Object(found.status), conditions: [patched, updated] },
  }));
  expect(afterUpdate.status).toMatchObject({ conditions: [patched, updated] });
}

function versionOf(object: Operated): number {
  return Number(object.metadata?.resourceVersion);
}

/** The object with the fields of the other put into it; lists are replaced. */
function merge<T extends object>(object: T, changes: object): T {
  const merged: Record<string, unknown> = Object.fromEntries(Object.entries(object));
  for (const [field, change] of Object.entries(changes)) {
    const isObject = typeof change === "object" && change !== null && !Array.isArray(change);
    merged[field] = isObject ? merge(Object(merged[field] ?? {}), change) : change;
  }
  // The type's own fields, changed within their types.
  return merged as T;
}
