import type { V1Pod, V1PodStatus } from "../../../supervisor/api/generated/types.ts";
import { isConflict, isNotFound } from "../../../supervisor/apimachinery/errors.ts";
import { type Clock, clockSleep } from "../../../supervisor/base/clock.ts";
import { asError } from "../../../supervisor/base/errors.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import { Backoff } from "../../../supervisor/client/backoff.ts";
import type { KubernetesClient, ResourceClient } from "../../../supervisor/client/types.ts";
import type { KubeletMetrics } from "../metrics/kubelet-metrics.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import { isStatic } from "../static-pods/pod-source.ts";
import { disruptionTarget, ownConditions } from "./pod-conditions.ts";

const podsResource = { group: "", version: "v1", resource: "pods" };

interface Entry {
  /** Since when the API does not know the status; undefined while it does. Of the steady clock. */
  changedMs?: number | undefined;
  /** The newest object that the API is known to have; undefined when it has none any more. */
  latest: V1Pod | undefined;
  desired: V1PodStatus;
  sending: boolean;
  readonly waiters: Array<() => void>;
}

export interface StatusManagerOptions {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<KubeletMetrics, "starts" | "work">;
}

/**
 * Brings Pods' statuses to the API: only what changed, one request a Pod at a time, tried again until it is accepted
 * or the Pod is gone. Of several statuses that wait only the last is sent; it holds what those before it said.
 */
export class StatusManager {
  readonly #options: StatusManagerOptions;
  readonly #entries = new Map<string, Entry>();
  /** The API's objects that show static Pods, by the UIDs of these. */
  readonly #mirrors = new Map<string, V1Pod>();
  readonly #stop = new AbortController();

  constructor(options: StatusManagerOptions) {
    this.#options = options;
  }

  /**
   * The newest known object of the Pod: the informer's, or the answer to a later status. A static Pod's status is known
   * here alone.
   */
  newest(pod: V1Pod): V1Pod {
    const entry = this.#entries.get(podIdentity(pod).uid);
    if (isStatic(pod)) return entry ? { ...pod, status: entry.desired } : pod;
    const known = entry?.latest;
    return known && version(known) > version(pod) ? known : pod;
  }

  /** Takes the Pod's status; sends it when it differs from what the API has. */
  set(pod: V1Pod, status: V1PodStatus): void {
    const { uid } = podIdentity(pod);
    this.#options.metrics.starts.reported(uid, status);
    const entry = this.#entries.get(uid);
    if (!entry) {
      const latest = isStatic(pod) ? this.#mirrors.get(uid) : pod;
      const made: Entry = { latest, desired: status, sending: false, waiters: [] };
      this.#entries.set(uid, made);
      this.#start(made);
      return;
    }
    if (entry.latest && !isStatic(pod)) entry.latest = this.newest(pod);
    entry.desired = status;
    this.#start(entry);
  }

  /** Takes the API's object that shows a static Pod: its status goes there. */
  show(pod: V1Pod, mirror: V1Pod): void {
    const { uid } = podIdentity(pod);
    const entry = this.#entries.get(uid);
    const known = entry?.latest ?? this.#mirrors.get(uid);
    const isOlder =
      known && podIdentity(known).uid === podIdentity(mirror).uid && version(known) >= version(mirror);
    if (entry && !(isOlder && entry.latest)) entry.latest = mirror;
    this.#mirrors.set(uid, isOlder ? known : mirror);
    if (entry) this.#start(entry);
  }

  /** Resolves when the Pod's last status is in the API, when the Pod is gone, or when the daemon stops. */
  async flush(uid: string): Promise<void> {
    const entry = this.#entries.get(uid);
    if (entry?.sending) await new Promise<void>((resolve) => entry.waiters.push(resolve));
  }

  forget(uid: string): void {
    this.#entries.delete(uid);
    this.#mirrors.delete(uid);
  }

  /** Gives up what is not sent yet: the next daemon finds it out anew. */
  stop(): void {
    this.#stop.abort();
  }

  #start(entry: Entry): void {
    entry.changedMs ??= this.#options.clock.steady();
    if (entry.sending) return;
    entry.sending = true;
    void this.#send(entry).finally(() => {
      entry.sending = false;
      for (const resolve of entry.waiters.splice(0)) resolve();
    });
  }

  async #send(entry: Entry): Promise<void> {
    const { clock, logger, metrics } = this.#options;
    const { signal } = this.#stop;
    const backoff = new Backoff({ initialMs: 500, maxMs: 30_000 });
    while (entry.latest && !signal.aborted) {
      const sent = entry.desired;
      const patch = statusPatch(entry.latest, sent);
      if (!patch) {
        entry.changedMs = undefined;
        return;
      }
      try {
        const { name } = podIdentity(entry.latest);
        entry.latest = await this.#pods(entry.latest).patch(
          name,
          patch,
          "application/merge-patch+json",
          "status",
        );
        // What it was accepted as is up to the API; the same once more would change nothing.
        if (entry.desired === sent) {
          metrics.work.statusSynced(clock.steady() - (entry.changedMs ?? clock.steady()));
          entry.changedMs = undefined;
          return;
        }
        backoff.reset();
      } catch (error) {
        if (isConflict(error) && (await this.#refresh(entry))) continue;
        if (isNotFound(error)) entry.latest = undefined;
        if (!entry.latest) return;
        const cause = asError(error);
        logger.warn("Cannot update the status of a Pod, trying again", {
          pod: podIdentity(entry.latest).name,
          error: cause,
        });
        await clockSleep(clock, backoff.next(), signal);
      }
    }
  }

  /** Reads the object anew after a conflict; false where that failed too. */
  async #refresh(entry: Entry): Promise<boolean> {
    const { latest } = entry;
    if (!latest) return true;
    try {
      const { name, uid } = podIdentity(latest);
      const read = await this.#pods(latest).get(name);
      entry.latest = podIdentity(read).uid === uid ? read : undefined;
      return true;
    } catch (error) {
      if (isNotFound(error)) entry.latest = undefined;
      return isNotFound(error);
    }
  }

  #pods(pod: V1Pod): ResourceClient<V1Pod> {
    return this.#options.client.resource<V1Pod>(podsResource, podIdentity(pod).namespace);
  }
}

/**
 * The merge patch from what the API has to what it should; undefined where nothing changes. It holds for this very
 * version of the object, because a list (the conditions of others) is replaced as a whole.
 */
function statusPatch(latest: V1Pod, desired: V1PodStatus): object | undefined {
  const before = latest.status ?? {};
  const target = withForeignConditions(desired, before);
  const changes: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(target)) {
    // Both come from V1PodStatus, whose keys these are.
    if (!Bun.deepEquals(value, withoutNulls(before[key as keyof V1PodStatus]))) changes[key] = value;
  }
  for (const key of ["reason", "message"] as const) {
    if (before[key] && target[key] === undefined) changes[key] = null;
  }
  if (Object.keys(changes).length === 0) return undefined;
  const { uid, resourceVersion } = latest.metadata ?? {};
  return { metadata: { uid, resourceVersion }, status: changes };
}

/** Nulls stand in the API's answers where Go's types cannot leave a field out: `lastProbeTime`. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const known = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(known.map(([key, member]) => [key, withoutNulls(member)]));
}

function withForeignConditions(desired: V1PodStatus, before: V1PodStatus): V1PodStatus {
  const known = before.conditions ?? [];
  const isToldOf = known.some(({ type }) => type === disruptionTarget);
  const own = (desired.conditions ?? []).filter(
    ({ type }) => ownConditions.has(type) || (type === disruptionTarget && !isToldOf),
  );
  const foreign = known.filter(({ type }) => !ownConditions.has(type));
  return { ...desired, conditions: [...own, ...foreign] };
}

/** Versions of one object are comparable numbers (KEP-5504, Kubernetes 1.35). */
function version(pod: V1Pod): number {
  return Number(pod.metadata?.resourceVersion ?? 0);
}
