import type { V1OwnerReference } from "../../api/generated/types.ts";
import type { DiscoveredResource } from "../../client/discovery.ts";
import type { EventRecorder } from "../../client/types.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import type { MonitoredObject, ResourceMonitors } from "../resource-monitors.ts";
import { AbsentOwners } from "./absent-owners.ts";
import { DependencyGraph, type GraphNode } from "./dependency-graph.ts";
import { foregroundFinalizer, hasFinalizer, orphanFinalizer } from "./finalizers.ts";
import { formatReference, type ObjectReference, ownerIdentity } from "./object-reference.ts";
import { NamespacedOwnerError, ObjectWriter } from "./object-writer.ts";

type Metadata = MonitoredObject["metadata"];

interface ClassifiedOwners {
  /** Owners that are there and stay. */
  readonly solid: readonly V1OwnerReference[];
  readonly dangling: readonly V1OwnerReference[];
  /** Owners that wait for their dependents' deletion. */
  readonly waiting: readonly V1OwnerReference[];
}

const workers = 8;
/** How soon an owner is looked for again that exists, but that no watch has told of; it doubles. */
const firstLookMs = 500;
const maxLookMs = 300_000;

/**
 * Deletes what has lost its owners, and sees owners off that are deleted with their dependents before them or without
 * them (kube-controller-manager's garbage collector).
 */
export class GarbageCollector implements Controller {
  readonly name = "garbage-collector-controller";
  readonly #monitors: ResourceMonitors;
  readonly #writer: ObjectWriter;
  readonly #recorder: EventRecorder;
  readonly #absent = new AbsentOwners();
  readonly #graph: DependencyGraph;
  /** Of uids. */
  readonly #deletions: WorkQueue;
  readonly #orphanings: WorkQueue;
  readonly #looks = new Map<string, number>();

  constructor(environment: ControllerEnvironment, monitors: ResourceMonitors) {
    this.#monitors = monitors;
    this.#writer = new ObjectWriter(environment.client.transport, monitors);
    this.#recorder = environment.recorderFor("garbage-collector-controller");
    this.#deletions = new WorkQueue({ name: "garbage-collector-attempt-to-delete", ...environment });
    this.#orphanings = new WorkQueue({ name: "garbage-collector-attempt-to-orphan", ...environment });
    this.#graph = new DependencyGraph({
      attemptToDelete: ({ identity }) => this.#deletions.add(identity.uid),
      attemptToOrphan: ({ identity }) => this.#orphanings.add(identity.uid),
      markAbsent: (reference) => this.#absent.add(reference),
      reportInvalidNamespace: (dependent, owner) => this.#reportInvalidNamespace(dependent, owner),
    });
    monitors.addHandlers({
      onAdd: (resource, { metadata }) => this.#graph.observe(identityOf(resource, metadata), metadata),
      onUpdate: (resource, { metadata }, previous) =>
        this.#graph.observe(identityOf(resource, metadata), metadata, previous.metadata),
      onDelete: (resource, { metadata }) => this.#graph.remove(identityOf(resource, metadata)),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const monitoring = this.#monitors.start(signal);
    await this.#monitors.synced(signal);
    await Promise.all([
      monitoring,
      this.#deletions.run(signal, workers, (uid) => this.#attemptToDelete(uid)),
      this.#orphanings.run(signal, workers, (uid) => this.#attemptToOrphan(uid)),
    ]);
  }

  #reportInvalidNamespace({ identity }: GraphNode, owner: V1OwnerReference): void {
    const { apiVersion, kind, namespace, name, uid } = identity;
    const reference = formatReference(ownerIdentity(owner, namespace));
    this.#recorder.event(
      { apiVersion, kind, metadata: { namespace, name, uid } },
      "Warning",
      "OwnerRefInvalidNamespace",
      `ownerRef ${reference} does not exist in namespace ${JSON.stringify(namespace)}`,
    );
  }

  async #attemptToDelete(uid: string): Promise<WorkResult | undefined> {
    const node = this.#graph.get(uid);
    if (node === undefined) {
      this.#looks.delete(uid);
      return undefined;
    }
    try {
      await this.#deleteUnlessOwned(node);
    } catch (error) {
      if (error instanceof NamespacedOwnerError) return undefined;
      throw error;
    }
    if (!node.virtual || this.#graph.get(uid) !== node) {
      this.#looks.delete(uid);
      return undefined;
    }
    // It may have come and gone while a watch was broken.
    const looks = this.#looks.get(uid) ?? 0;
    this.#looks.set(uid, looks + 1);
    return { requeueAfterMs: Math.min(maxLookMs, firstLookMs * 2 ** looks) };
  }

  async #deleteUnlessOwned(node: GraphNode): Promise<void> {
    // It will tell of its end.
    if (node.beingDeleted && !node.deletingDependents) return;
    const { identity } = node;
    const latest = await this.#writer.get(identity);
    if (latest === undefined) {
      this.#graph.removeAbsent(identity);
      return;
    }
    if (node.deletingDependents) {
      await this.#awaitDependents(node);
      return;
    }
    const owners = latest.ownerReferences ?? [];
    if (owners.length === 0) return;
    const { solid, dangling, waiting } = await this.#classify(identity, owners);
    if (solid.length > 0) {
      const lost = [...dangling, ...waiting].map((owner) => owner.uid);
      if (lost.length > 0) await this.#writer.removeOwners(identity, lost);
      return;
    }
    if (waiting.length > 0 && node.dependents !== undefined && node.dependents.size > 0) {
      // Two that wait for each other would do so for ever.
      const isCircle = [...node.dependents].some(({ deletingDependents }) => deletingDependents);
      if (isCircle) await this.#writer.unblockOwners(identity);
      await this.#delete(identity, isCircle ? await this.#writer.get(identity) : latest, "Foreground");
      return;
    }
    await this.#delete(identity, latest, presentPolicy(latest));
  }

  async #delete(
    identity: ObjectReference,
    latest: Metadata | undefined,
    policy: "Foreground" | "Background" | "Orphan",
  ): Promise<void> {
    const wasThere = latest !== undefined && (await this.#writer.delete(identity, latest, policy));
    if (!wasThere) this.#graph.removeAbsent(identity);
  }

  /** Lets an owner go when no dependent holds it any more. */
  async #awaitDependents(node: GraphNode): Promise<void> {
    const { uid } = node.identity;
    const blocking = [...(node.dependents ?? [])].filter(({ owners }) =>
      owners.some((owner) => owner.uid === uid && owner.blockOwnerDeletion),
    );
    if (blocking.length === 0) {
      await this.#writer.removeFinalizer(node.identity, foregroundFinalizer);
      return;
    }
    for (const dependent of blocking) {
      if (!dependent.deletingDependents) this.#deletions.add(dependent.identity.uid);
    }
  }

  async #classify(item: ObjectReference, owners: readonly V1OwnerReference[]): Promise<ClassifiedOwners> {
    const solid: V1OwnerReference[] = [];
    const dangling: V1OwnerReference[] = [];
    const waiting: V1OwnerReference[] = [];
    for (const reference of owners) {
      const owner = await this.#ownerOf(item, reference);
      const isWaiting = owner?.deletionTimestamp !== undefined && hasFinalizer(owner, foregroundFinalizer);
      const list = owner === undefined ? dangling : isWaiting ? waiting : solid;
      list.push(reference);
    }
    return { solid, dangling, waiting };
  }

  /** An owner's newest state; undefined where there is none. */
  async #ownerOf(item: ObjectReference, reference: V1OwnerReference): Promise<Metadata | undefined> {
    const inCluster = ownerIdentity(reference, "");
    const inNamespace = ownerIdentity(reference, item.namespace);
    if (this.#absent.has(inCluster) || this.#absent.has(inNamespace)) return undefined;
    const isNamespaced = this.#writer.isNamespaced(reference);
    if (isNamespaced && item.namespace === "") throw new NamespacedOwnerError(formatReference(inNamespace));
    const identity = isNamespaced ? inNamespace : inCluster;
    const owner = await this.#writer.get(identity);
    if (owner === undefined) this.#absent.add(identity);
    return owner;
  }

  async #attemptToOrphan(uid: string): Promise<void> {
    const node = this.#graph.get(uid);
    if (node === undefined) return;
    const dependents = [...(node.dependents ?? [])];
    await Promise.all(dependents.map(({ identity }) => this.#writer.removeOwners(identity, [uid])));
    await this.#writer.removeFinalizer(node.identity, orphanFinalizer);
  }
}

function identityOf({ group, version, kind }: DiscoveredResource, metadata: Metadata): ObjectReference {
  const { name, uid, namespace = "" } = metadata;
  return { apiVersion: group === "" ? version : `${group}/${version}`, kind, name, uid, namespace };
}

/** What an object's own finalizers say of its dependents. */
function presentPolicy(metadata: Metadata): "Foreground" | "Background" | "Orphan" {
  if (hasFinalizer(metadata, orphanFinalizer)) return "Orphan";
  return hasFinalizer(metadata, foregroundFinalizer) ? "Foreground" : "Background";
}
