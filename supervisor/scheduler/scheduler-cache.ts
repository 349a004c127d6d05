import type { V1Node, V1Pod } from "../api/generated/types.ts";
import { objectKey } from "../client/object-store.ts";
import { NodeInfo, type PodInfo } from "./node-info.ts";
import { podRequests } from "./resource-amounts.ts";

interface Placement {
  readonly nodeName: string;
  readonly uid: string | undefined;
  /** Decided here, and not yet seen in the API. */
  readonly assumed: boolean;
}

/** What the scheduler knows of nodes and of the Pods on them, its own decisions included before the API shows them. */
export class SchedulerCache {
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #placements = new Map<string, Placement>();

  /** The nodes that exist. */
  nodes(): readonly NodeInfo[] {
    return [...this.#nodes.values()].filter((info) => info.node !== undefined);
  }

  setNode(node: V1Node): void {
    this.#nodeInfo(node.metadata?.name ?? "").setNode(node);
  }

  removeNode(name: string): void {
    this.#nodes.get(name)?.setNode(undefined);
    this.#dropIfEmpty(name);
  }

  /** Takes over what the API says of a Pod: on a node and not ended it counts there. */
  setPod(pod: V1Pod): void {
    const key = objectKey(pod);
    const nodeName = pod.spec?.nodeName;
    const isOver = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
    const known = this.#placements.get(key);
    // An older state of a Pod whose binding is under way says nothing new.
    if (!nodeName && known?.assumed && known.uid === pod.metadata?.uid && !isOver) return;
    if (!nodeName || isOver) this.removePod(key);
    else this.#place(key, pod, nodeName, false);
  }

  removePod(key: string): void {
    const known = this.#placements.get(key);
    if (known === undefined) return;
    this.#placements.delete(key);
    this.#nodes.get(known.nodeName)?.removePod(key);
    this.#dropIfEmpty(known.nodeName);
  }

  /** Counts a Pod on the node that was chosen for it. */
  assume(info: PodInfo, nodeName: string): void {
    this.#place(objectKey(info.pod), info.pod, nodeName, true);
  }

  /** Takes an assumption back whose binding failed; does nothing once the API has shown the Pod there. */
  forget(key: string): void {
    if (this.#placements.get(key)?.assumed) this.removePod(key);
  }

  /** Whether a Pod has a node, in the API or by a decision that is under way. */
  isPlaced(key: string): boolean {
    return this.#placements.has(key);
  }

  #place(key: string, pod: V1Pod, nodeName: string, assumed: boolean): void {
    this.removePod(key);
    this.#placements.set(key, { nodeName, uid: pod.metadata?.uid, assumed });
    this.#nodeInfo(nodeName).addPod(key, podRequests(pod));
  }

  #nodeInfo(name: string): NodeInfo {
    const info = this.#nodes.get(name) ?? new NodeInfo(name);
    this.#nodes.set(name, info);
    return info;
  }

  #dropIfEmpty(name: string): void {
    const info = this.#nodes.get(name);
    if (info !== undefined && info.node === undefined && info.podCount === 0) this.#nodes.delete(name);
  }
}
