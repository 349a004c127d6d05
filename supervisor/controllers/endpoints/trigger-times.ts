import type { V1Pod, V1Service } from "../../api/generated/types.ts";

export const triggerTimeAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

interface Known {
  readonly serviceMs: number;
  readonly podsMs: ReadonlyMap<string, number>;
}

/** When what changed a Service's endpoints came about, so that delays can be measured (`TriggerTimeTracker`). */
export class TriggerTimes {
  readonly #known = new Map<string, Known>();

  /** The earliest change since the last call for this Service; undefined for none. */
  next(key: string, service: V1Service, pods: readonly V1Pod[]): string | undefined {
    const known = this.#known.get(key);
    const serviceMs = Date.parse(service.metadata?.creationTimestamp ?? "") || 0;
    const podsMs = new Map(pods.map((pod) => [pod.metadata?.name ?? "", readySinceMs(pod)]));
    this.#known.set(key, { serviceMs, podsMs });
    const changed = [...podsMs]
      .filter(([name, ms]) => ms > (known?.podsMs.get(name) ?? 0))
      .map(([, ms]) => ms);
    if (serviceMs > (known?.serviceMs ?? 0)) changed.push(serviceMs);
    if (changed.length === 0) return undefined;
    return new Date(Math.min(...changed)).toISOString().replace(/\.000Z$/, "Z");
  }

  forget(key: string): void {
    this.#known.delete(key);
  }
}

function readySinceMs({ status }: V1Pod): number {
  const ready = (status?.conditions ?? []).find(({ type }) => type === "Ready");
  return Date.parse(ready?.lastTransitionTime ?? "") || 0;
}
