import { expect } from "bun:test";
import type { V1Pod, V1ReplicationController } from "../../../supervisor/api/generated/types.ts";
import type { KubernetesList } from "../../../supervisor/client/types.ts";
import { eventually } from "../../framework/eventually.ts";
import type { DeletionOptions } from "../support/api.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();
const containers = [{ name: "pause", image: "pacific.local/pause" }];

/** A namespace with ReplicationControllers and the Pods that they make. */
class Controllers {
  readonly #pods: string;
  readonly #controllers: string;

  private constructor(namespace: string) {
    this.#pods = `/api/v1/namespaces/${namespace}/pods`;
    this.#controllers = `/api/v1/namespaces/${namespace}/replicationcontrollers`;
  }

  static async open(): Promise<Controllers> {
    return new Controllers(await cluster.namespace("owners"));
  }

  /** Makes a ReplicationController, and waits until it has its Pods. */
  async create(name: string, replicas: number): Promise<V1ReplicationController> {
    const labels = { owner: name };
    await cluster.api.create<V1ReplicationController>(this.#controllers, {
      metadata: { name },
      spec: { replicas, selector: labels, template: { metadata: { labels }, spec: { containers } } },
    });
    return await eventually(`${name} has ${replicas} Pods`, 30_000, async () => {
      const found = await cluster.api.get<V1ReplicationController>(`${this.#controllers}/${name}`);
      return found.status?.replicas === replicas && found;
    });
  }

  get(name: string): Promise<V1ReplicationController> {
    return cluster.api.get<V1ReplicationController>(`${this.#controllers}/${name}`);
  }

  async delete({ metadata }: V1ReplicationController, options: DeletionOptions): Promise<void> {
    const preconditions = { uid: metadata?.uid ?? "" };
    await cluster.api.delete(`${this.#controllers}/${metadata?.name}`, { ...options, preconditions });
  }

  gone(name: string): Promise<void> {
    return cluster.api.gone(`${this.#controllers}/${name}`);
  }

  async pods(): Promise<readonly V1Pod[]> {
    return (await cluster.api.get<KubernetesList<V1Pod>>(this.#pods)).items;
  }

  patchPod(name: string, patch: object): Promise<V1Pod> {
    return cluster.api.patch<V1Pod>(`${this.#pods}/${name}`, patch);
  }

  async left(count: number): Promise<void> {
    await eventually(`${count} Pods are left`, 30_000, async () => (await this.pods()).length === count);
  }
}

function ownersOf({ metadata }: V1Pod): string[] {
  return (metadata?.ownerReferences ?? []).map(({ name }) => name);
}

conformanceTest(
  "[sig-api-machinery] Garbage collector should delete pods created by rc when not orphaning [Conformance]",
  async () => {
    const space = await Controllers.open();
    await space.delete(await space.create("owner", 2), { propagationPolicy: "Background" });
    await space.gone("owner");
    await space.left(0);
  },
);

conformanceTest(
  "[sig-api-machinery] Garbage collector should orphan pods created by rc if delete options say so [Serial] [Conformance]",
  async () => {
    const space = await Controllers.open();
    const count = 20;
    await space.delete(await space.create("owner", count), { propagationPolicy: "Orphan" });
    await space.gone("owner");
    // What the collector would delete it deletes before what comes after.
    await space.delete(await space.create("other", 1), { propagationPolicy: "Background" });
    await space.left(count);
    expect((await space.pods()).flatMap(ownersOf)).toEqual([]);
  },
);

conformanceTest(
  "[sig-api-machinery] Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so [Serial] [Conformance]",
  async () => {
    const space = await Controllers.open();
    const owner = await space.create("owner", 3);
    const [kept] = await space.pods();
    const name = kept?.metadata?.name ?? "";
    await space.patchPod(name, { metadata: { finalizers: ["example.com/kept-by-a-test"] } });
    await space.delete(owner, { propagationPolicy: "Foreground" });
    await space.left(1);
    const { metadata } = await space.get("owner");
    expect(metadata?.deletionTimestamp).toBeString();
    expect(metadata?.finalizers).toEqual(["foregroundDeletion"]);
    await space.patchPod(name, { metadata: { finalizers: null } });
    await space.gone("owner");
    await space.left(0);
  },
);

conformanceTest(
  "[sig-api-machinery] Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted [Serial] [Conformance]",
  async () => {
    const space = await Controllers.open();
    const deleted = await space.create("deleted", 6);
    const stays = await space.create("stays", 0);
    const reference = {
      apiVersion: "v1",
      kind: "ReplicationController",
      name: "stays",
      uid: stays.metadata?.uid,
    };
    const shared = (await space.pods()).slice(0, 3);
    for (const { metadata } of shared) {
      const ownerReferences = [...(metadata?.ownerReferences ?? []), reference];
      await space.patchPod(metadata?.name ?? "", { metadata: { ownerReferences } });
    }
    await space.delete(deleted, { propagationPolicy: "Foreground" });
    await space.gone("deleted");
    await space.left(3);
    const left = await space.pods();
    expect(left.map(ownersOf)).toEqual([["stays"], ["stays"], ["stays"]]);
    expect(left.map(({ metadata }) => metadata?.deletionTimestamp)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  },
);

conformanceTest(
  "[sig-api-machinery] Garbage collector should not be blocked by dependency circle [Conformance]",
  async () => {
    const path = `/api/v1/namespaces/${await cluster.namespace("circle")}/pods`;
    const names = ["pod1", "pod2", "pod3"];
    const uids: string[] = [];
    for (const name of names) {
      const pod = await cluster.api.create<V1Pod>(path, { metadata: { name }, spec: { containers } });
      uids.push(pod.metadata?.uid ?? "");
    }
    // Each is owned by the one before it, and the first by the last.
    for (const [index, name] of names.entries()) {
      const owner = (index + names.length - 1) % names.length;
      const reference = { apiVersion: "v1", kind: "Pod", name: names[owner], uid: uids[owner] };
      const ownerReferences = [{ ...reference, controller: true, blockOwnerDeletion: true }];
      await cluster.api.patch<V1Pod>(`${path}/${name}`, { metadata: { ownerReferences } });
    }
    const preconditions = { uid: uids[0] ?? "" };
    await cluster.api.delete(`${path}/pod1`, {
      gracePeriodSeconds: 0,
      propagationPolicy: "Foreground",
      preconditions,
    });
    for (const name of names) await cluster.api.gone(`${path}/${name}`, 50_000);
  },
);
