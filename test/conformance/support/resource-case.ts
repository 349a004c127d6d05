import { expect } from "bun:test";
import type { KubernetesObject } from "../../../supervisor/client/types.ts";
import type { PatchKind } from "./api.ts";
import type { ConformanceCluster } from "./cluster.ts";
import { Collection, isNewer, labelled, nameOf } from "./collection.ts";
import { expectDiscovered } from "./discovery.ts";
import type { WatchReader } from "./watch-reader.ts";

type Patches = Partial<Record<PatchKind, object>>;

export interface ResourceCase<T extends KubernetesObject> {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** The object as it is created, but for its name and labels. */
  readonly initial: T;
  readonly update: (object: T) => T;
  readonly updateStatus?: (object: T) => T;
  /** Each is what {@link update} does. */
  readonly patches: Patches;
  /** Each is what {@link updateStatus} does. */
  readonly statusPatches?: Patches;
}

/** Creates an object, changes it in every way, and deletes it; a watch sees each step and nothing else. */
export async function checkResource<T extends KubernetesObject>(
  cluster: ConformanceCluster,
  test: ResourceCase<T>,
): Promise<void> {
  const { group, version, resource, kind } = test;
  await expectDiscovered(cluster.api, { group, version, resources: [resource] });
  const namespace = await cluster.namespace("resource");
  const base = `/apis/${group}/${version}`;
  const everywhere = new Collection<T>(cluster.api, `${base}/${resource}`);
  const place = test.namespaced
    ? new Collection<T>(cluster.api, `${base}/namespaces/${namespace}/${resource}`)
    : everywhere;
  const metadata = { ...test.initial.metadata, name: `test-${namespace}` };
  const initial = labelled({ ...test.initial, metadata }, "test", namespace);
  const watch = await everywhere.stream({ labelSelector: `test=${namespace}` });
  const run = new Run(cluster, place, watch, test);

  await run.create(initial);
  await run.updateBoth();
  await run.delete();
  const whole = { apiVersion: `${group}/${version}`, kind };
  for (const [patchKind, patch] of Object.entries(test.patches)) {
    await run.create(initial);
    // The keys are those of Patches.
    await run.patch(patchKind as PatchKind, patch, whole);
    await run.delete();
  }
  for (const [patchKind, patch] of Object.entries(test.statusPatches ?? {})) {
    await run.create(initial);
    await run.patch(patchKind as PatchKind, patch, whole, "status"); // as above
    await run.delete();
  }
  for (const number of [1, 2]) {
    await place.create({ ...initial, metadata: { ...initial.metadata, name: `${metadata.name}-${number}` } });
    await watch.until("ADDED");
  }
  await place.deleteAll({ labelSelector: `test=${namespace}` });
  expect(await everywhere.items({ labelSelector: `test=${namespace}` })).toEqual([]);
  watch.stop();
}

/** One object's way through {@link checkResource}. */
class Run<T extends KubernetesObject> {
  readonly #cluster: ConformanceCluster;
  readonly #place: Collection<T>;
  readonly #watch: WatchReader<T>;
  readonly #test: ResourceCase<T>;
  #object: T;

  constructor(
    cluster: ConformanceCluster,
    place: Collection<T>,
    watch: WatchReader<T>,
    test: ResourceCase<T>,
  ) {
    this.#cluster = cluster;
    this.#place = place;
    this.#watch = watch;
    this.#test = test;
    this.#object = test.initial;
  }

  async create(initial: T): Promise<void> {
    this.#object = await this.#place.create(initial);
    expect(this.#object).toMatchObject(initial);
    expect(await this.#place.get(nameOf(initial))).toEqual(this.#object);
    await this.#seen("ADDED");
  }

  async updateBoth(): Promise<void> {
    const { update, updateStatus } = this.#test;
    const name = nameOf(this.#object);
    await this.#changed(await this.#place.update(name, update), update);
    if (updateStatus === undefined) return;
    await this.#changed(await this.#place.update(name, updateStatus, "status"), updateStatus);
    expect(await this.#place.get(name, "status")).toEqual(this.#object);
  }

  /** Patches, and expects what the update of the case does. */
  async patch(kind: PatchKind, patch: object, whole: object, subresource?: "status"): Promise<void> {
    const change = subresource === undefined ? this.#test.update : this.#test.updateStatus;
    if (change === undefined) throw new Error("Patches of the status need an update of it");
    const name = nameOf(this.#object);
    const identity = { name, uid: this.#object.metadata?.uid };
    const { metadata = {} } = patch as KubernetesObject; // a patch of an object is like one, a JSON patch has none
    const body =
      kind === "json-patch" ? patch : { ...whole, ...patch, metadata: { ...metadata, ...identity } };
    const path = this.#place.at(name, subresource);
    const query = kind === "apply-patch" ? "?fieldManager=test&force=true" : "?fieldValidation=Strict";
    await this.#changed(await this.#cluster.api.patch<T>(path + query, body, kind), change);
  }

  async delete(): Promise<void> {
    const name = nameOf(this.#object);
    await this.#place.delete(name);
    await this.#place.gone(name);
    await this.#seen("DELETED");
  }

  async #changed(after: T, change: (object: T) => T): Promise<void> {
    const {
      resourceVersion: _version,
      managedFields: _fields,
      generation: _generation,
      ...metadata
    } = {
      ...change(this.#object).metadata,
    };
    expect(after).toMatchObject({ ...change(this.#object), metadata });
    expect(isNewer(this.#object, after)).toBe(true);
    this.#object = after;
    await this.#seen("MODIFIED");
  }

  async #seen(type: "ADDED" | "MODIFIED" | "DELETED"): Promise<void> {
    let event = await this.#watch.next();
    while (event.type === "BOOKMARK") event = await this.#watch.next();
    expect(event).toMatchObject({ type, object: { metadata: { uid: this.#object.metadata?.uid } } });
    if (type !== "DELETED") expect(event.object).toEqual(this.#object);
  }
}
