import type { V1Node, V1Pod } from "../api/generated/types.ts";
import { type PodRequests, podRequests, type ResourceAmounts, toAmounts } from "./resource-amounts.ts";

/** A Pod that is to be placed, with what is computed of it once. */
export interface PodInfo {
  readonly pod: V1Pod;
  readonly requests: PodRequests;
}

export function toPodInfo(pod: V1Pod): PodInfo {
  return { pod, requests: podRequests(pod) };
}

/** A node as the scheduler sees it: what it has, and what the Pods on it take. */
export class NodeInfo {
  readonly name: string;
  readonly #requested = new Map<string, number>();
  readonly #assumed = new Map<string, number>();
  readonly #pods = new Map<string, PodRequests>();
  #node: V1Node | undefined;
  #allocatable: ResourceAmounts = new Map();

  constructor(name: string) {
    this.name = name;
  }

  /** Absent while only Pods say that there is such a node. */
  get node(): V1Node | undefined {
    return this.#node;
  }

  get podCount(): number {
    return this.#pods.size;
  }

  setNode(node: V1Node | undefined): void {
    this.#node = node;
    this.#allocatable = toAmounts(node?.status?.allocatable);
  }

  allocatable(resource: string): number {
    return this.#allocatable.get(resource) ?? 0;
  }

  requested(resource: string): number {
    return this.#requested.get(resource) ?? 0;
  }

  /** What the Pods take with something assumed for containers that ask for nothing. */
  assumed(resource: string): number {
    return this.#assumed.get(resource) ?? 0;
  }

  addPod(key: string, requests: PodRequests): void {
    this.removePod(key);
    this.#pods.set(key, requests);
    this.#count(requests, 1);
  }

  removePod(key: string): void {
    const requests = this.#pods.get(key);
    if (requests === undefined) return;
    this.#pods.delete(key);
    this.#count(requests, -1);
  }

  #count(requests: PodRequests, sign: 1 | -1): void {
    for (const [name, amount] of requests.exact) {
      this.#requested.set(name, this.requested(name) + sign * amount);
    }
    for (const [name, amount] of requests.assumed) {
      this.#assumed.set(name, this.assumed(name) + sign * amount);
    }
  }
}
