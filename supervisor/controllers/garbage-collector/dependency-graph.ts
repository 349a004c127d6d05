/** Who owns whom, of all objects that are known (kubernetes `pkg/controller/garbagecollector`, `GraphBuilder`). */
import type { V1OwnerReference } from "../../api/generated/types.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import type { MonitoredObject } from "../resource-monitors.ts";
import { foregroundFinalizer, hasFinalizer, orphanFinalizer } from "./finalizers.ts";
import {
  compareReferences,
  type ObjectReference,
  ownerIdentity,
  sameCoordinates,
  sameReference,
} from "./object-reference.ts";

export interface GraphNode {
  identity: ObjectReference;
  owners: readonly V1OwnerReference[];
  dependents: Set<GraphNode> | undefined;
  /** It waits for its dependents' deletion. */
  deletingDependents: boolean;
  beingDeleted: boolean;
  /** Known by a dependent's word only. */
  virtual: boolean;
}

/** What follows from changes of the graph. */
export interface GraphEffects {
  attemptToDelete(node: GraphNode): void;
  attemptToOrphan(node: GraphNode): void;
  markAbsent(reference: ObjectReference): void;
  /** A dependent names an owner that lives in another namespace. */
  reportInvalidNamespace(dependent: GraphNode, owner: V1OwnerReference): void;
}

type Metadata = MonitoredObject["metadata"];

export class DependencyGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #effects: GraphEffects;

  constructor(effects: GraphEffects) {
    this.#effects = effects;
  }

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  /** Notes an object as it is now; `previous` as it was, where that is known. */
  observe(identity: ObjectReference, metadata: Metadata, previous?: Metadata): void {
    const owners = metadata.ownerReferences ?? [];
    const beingDeleted = metadata.deletionTimestamp !== undefined;
    let node = this.#nodes.get(identity.uid);
    if (node === undefined) {
      const deletingDependents = beingDeleted && hasFinalizer(metadata, foregroundFinalizer);
      node = { identity, owners, dependents: undefined, deletingDependents, beingDeleted, virtual: false };
      this.#nodes.set(identity.uid, node);
      this.#addToOwners(node, owners);
    } else {
      if (node.virtual) this.#observeVirtual(node, identity);
      if (!sameReference(node.identity, identity)) node.identity = identity;
      this.#changeOwners(node, owners);
      if (beingDeleted) node.beingDeleted = true;
    }
    this.#noteTransitions(node, metadata, previous);
  }

  /** Notes that an object is gone, as a watch has told. */
  remove(identity: ObjectReference): void {
    const node = this.#nodes.get(identity.uid);
    if (node !== undefined) this.#removeNode(node, identity);
  }

  /** Notes that an object was looked for and is not there. */
  removeAbsent(absent: ObjectReference): void {
    const node = this.#nodes.get(absent.uid);
    if (node === undefined) return;
    const { matching, others } = partition(node, absent);
    const isDisputed = node.virtual ? others.length > 0 : !sameReference(node.identity, absent);
    if (!isDisputed) {
      this.#removeNode(node, absent);
      return;
    }
    if (matching.length > 0) {
      this.#effects.markAbsent(absent);
      for (const dependent of matching) this.#effects.attemptToDelete(dependent);
    }
    if (!node.virtual || !sameReference(node.identity, absent)) return;
    const alternative = alternativeIdentity(others, absent);
    if (alternative === undefined) return;
    node.identity = alternative;
    this.#effects.attemptToDelete(node);
  }

  #removeNode(node: GraphNode, identity: ObjectReference): void {
    this.#nodes.delete(node.identity.uid);
    this.#removeFromOwners(node, node.owners);
    if (node.dependents !== undefined && node.dependents.size > 0) this.#effects.markAbsent(identity);
    for (const dependent of node.dependents ?? []) this.#effects.attemptToDelete(dependent);
    for (const { uid } of node.owners) {
      const owner = this.#nodes.get(uid);
      // It may have been the last that its owner waits for.
      if (owner?.deletingDependents) this.#effects.attemptToDelete(owner);
    }
  }

  #observeVirtual(node: GraphNode, identity: ObjectReference): void {
    if (!sameReference(node.identity, identity)) {
      for (const dependent of partition(node, identity).others) {
        this.#reportOtherNamespace(dependent, identity);
        this.#effects.attemptToDelete(dependent);
      }
    }
    node.virtual = false;
  }

  #reportOtherNamespace(dependent: GraphNode, owner: ObjectReference): void {
    if (owner.namespace === "" || owner.namespace === dependent.identity.namespace) return;
    const reference = dependent.owners.find(({ uid }) => uid === owner.uid);
    if (reference !== undefined) this.#effects.reportInvalidNamespace(dependent, reference);
  }

  #addToOwners(node: GraphNode, owners: readonly V1OwnerReference[]): void {
    const { namespace } = node.identity;
    let isDoubtful = false;
    for (const reference of owners) {
      const owner = this.#nodes.get(reference.uid);
      if (owner === undefined) {
        this.#addVirtual(reference, node);
        continue;
      }
      owner.dependents ??= new Set();
      owner.dependents.add(node);
      if (isDoubtful) continue;
      const isElsewhere = owner.identity.namespace !== namespace;
      if (owner.identity.namespace !== "" && isElsewhere) {
        if (!owner.virtual) this.#reportOtherNamespace(node, owner.identity);
        isDoubtful = true;
      } else {
        isDoubtful = !sameCoordinates(reference, owner.identity) || (isElsewhere && owner.virtual);
      }
    }
    // Whether its owners are what it says is then looked up.
    if (isDoubtful) this.#effects.attemptToDelete(node);
  }

  /** An owner that nothing is known of: whether it exists is looked up. */
  #addVirtual(reference: V1OwnerReference, dependent: GraphNode): void {
    const node: GraphNode = {
      identity: ownerIdentity(reference, dependent.identity.namespace),
      owners: [],
      dependents: new Set([dependent]),
      deletingDependents: false,
      beingDeleted: false,
      virtual: true,
    };
    this.#nodes.set(reference.uid, node);
    this.#effects.attemptToDelete(node);
  }

  #removeFromOwners(node: GraphNode, owners: readonly V1OwnerReference[]): void {
    for (const { uid } of owners) this.#nodes.get(uid)?.dependents?.delete(node);
  }

  #changeOwners(node: GraphNode, owners: readonly V1OwnerReference[]): void {
    if (equalJson(node.owners, owners)) return;
    const added = owners.filter(({ uid }) => !node.owners.some((old) => old.uid === uid));
    const removed = node.owners.filter(({ uid }) => !owners.some((one) => one.uid === uid));
    for (const old of node.owners) {
      const now = owners.find(({ uid }) => uid === old.uid);
      const owner = this.#nodes.get(old.uid);
      // An owner that waits may go on.
      if (old.blockOwnerDeletion && !now?.blockOwnerDeletion && owner) this.#effects.attemptToDelete(owner);
    }
    node.owners = owners;
    this.#addToOwners(node, added);
    this.#removeFromOwners(node, removed);
  }

  #noteTransitions(node: GraphNode, metadata: Metadata, previous: Metadata | undefined): void {
    if (startsWith(orphanFinalizer, metadata, previous)) {
      this.#effects.attemptToOrphan(node);
      return;
    }
    if (!startsWith(foregroundFinalizer, metadata, previous)) return;
    node.deletingDependents = true;
    for (const dependent of node.dependents ?? []) this.#effects.attemptToDelete(dependent);
    this.#effects.attemptToDelete(node);
  }
}

/** Whether a deletion with this finalizer is new. */
function startsWith(finalizer: string, metadata: Metadata, previous: Metadata | undefined): boolean {
  if (metadata.deletionTimestamp === undefined || !hasFinalizer(metadata, finalizer)) return false;
  return previous?.deletionTimestamp === undefined || !hasFinalizer(previous, finalizer);
}

/** The dependents that mean this owner, and those that mean another of its uid. */
function partition(node: GraphNode, owner: ObjectReference) {
  const matching: GraphNode[] = [];
  const others: GraphNode[] = [];
  for (const dependent of node.dependents ?? []) {
    const isElsewhere = owner.namespace !== "" && owner.namespace !== dependent.identity.namespace;
    const references = dependent.owners.filter(({ uid }) => uid === owner.uid);
    if (!isElsewhere && references.some((one) => sameCoordinates(one, owner))) matching.push(dependent);
    if (isElsewhere || references.some((one) => !sameCoordinates(one, owner))) others.push(dependent);
  }
  return { matching, others };
}

/** What else dependents say that their owner is: the next one after `absent`, or the first. */
function alternativeIdentity(
  dependents: readonly GraphNode[],
  absent: ObjectReference,
): ObjectReference | undefined {
  const isClusterScoped = absent.namespace === "";
  const alternatives = dependents
    .flatMap(({ owners, identity }) =>
      owners
        .filter(({ uid }) => uid === absent.uid)
        .map((owner) => {
          const isSameKind = owner.apiVersion === absent.apiVersion && owner.kind === absent.kind;
          return ownerIdentity(owner, isClusterScoped && isSameKind ? "" : identity.namespace);
        }),
    )
    .filter((one) => !sameReference(one, absent))
    .sort(compareReferences);
  return alternatives.find((one) => compareReferences(absent, one) < 0) ?? alternatives[0];
}
