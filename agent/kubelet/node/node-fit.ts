import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import { podRequests, resourceAmount } from "../sandbox/pod-resources.ts";
import { fieldRejection } from "./field-rejection.ts";
import { sysctlRejection } from "./sysctl-rejection.ts";

/** Why the node does not take a Pod, as the kubelet says it in the Pod's status. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/** Why the node does not give a Pod what it asks for: not now, or never. */
export interface ResizeRejection {
  readonly reason: "Deferred" | "Infeasible";
  readonly message: string;
}

/** Keeps count of what the Pods on the node request, and refuses what does not fit (kubelet `lifecycle.predicate`). */
export class NodeFit {
  readonly #allocatable: () => Readonly<Record<string, string>>;
  readonly #allowedSysctls: readonly string[];
  readonly #pressure: (pod: V1Pod) => Rejection | undefined;
  readonly #admitted = new Map<string, Map<string, number>>();

  /**
   * `allowedSysctls` are patterns of those that Pods may set beside the safe ones; `pressure` says why a node that has
   * too little left does not take a Pod, whatever that requests.
   */
  constructor(
    allocatable: () => Readonly<Record<string, string>>,
    allowedSysctls: readonly string[] = [],
    pressure: (pod: V1Pod) => Rejection | undefined = () => undefined,
  ) {
    this.#allocatable = allocatable;
    this.#allowedSysctls = allowedSysctls;
    this.#pressure = pressure;
  }

  /** Counts the Pod in, whether it fits or not: it runs already. */
  include(pod: V1Pod): void {
    this.#admitted.set(podIdentity(pod).uid, podRequests(pod));
  }

  /** Counts the Pod in if it fits; says why where it does not. */
  admit(pod: V1Pod): Rejection | undefined {
    const { uid } = podIdentity(pod);
    if (this.#admitted.has(uid)) return undefined;
    const pressed = this.#pressure(pod);
    if (pressed) return pressed;
    const forbidden = fieldRejection(pod) ?? sysctlRejection(pod, this.#allowedSysctls);
    if (forbidden) return forbidden;
    const capacity = this.#allocatable();
    const wanted = new Map([["pods", 1], ...podRequests(pod)]);
    for (const [name, requested] of wanted) {
      const available = resourceAmount(name, capacity[name] ?? "0");
      const used = this.#used(name);
      if (requested > 0 && used + requested > available) {
        const amounts = `requested: ${requested}, used: ${used}, capacity: ${available}`;
        return { reason: `OutOf${name}`, message: `Node didn't have enough resource: ${name}, ${amounts}` };
      }
    }
    this.include(pod);
    return undefined;
  }

  /** Counts a Pod with other requests than before if they fit; else says whether they ever could. */
  admitResize(pod: V1Pod): ResizeRejection | undefined {
    const { uid } = podIdentity(pod);
    const capacity = this.#allocatable();
    const wanted = podRequests(pod);
    for (const name of ["memory", "cpu"]) {
      const requested = wanted.get(name) ?? 0;
      const available = resourceAmount(name, capacity[name] ?? "0");
      const used = this.#used(name) - (this.#admitted.get(uid)?.get(name) ?? 0);
      if (requested > available) {
        const text = `Node didn't have enough capacity: ${name}, requested: ${requested}, capacity: ${available}`;
        return { reason: "Infeasible", message: text };
      }
      if (requested > 0 && used + requested > available) {
        const amounts = `requested: ${requested}, used: ${used}, capacity: ${available}`;
        return { reason: "Deferred", message: `Node didn't have enough resource: ${name}, ${amounts}` };
      }
    }
    this.include(pod);
    return undefined;
  }

  release(uid: string): void {
    this.#admitted.delete(uid);
  }

  #used(name: string): number {
    if (name === "pods") return this.#admitted.size;
    let used = 0;
    for (const requests of this.#admitted.values()) used += requests.get(name) ?? 0;
    return used;
  }
}
