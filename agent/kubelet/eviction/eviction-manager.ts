import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { type Clock, clockSleep } from "../../../supervisor/base/clock.ts";
import type { KubeletSettings } from "../../../supervisor/base/config/kubelet-settings.ts";
import { asError } from "../../../supervisor/base/errors.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { Rejection } from "../node/node-fit.ts";
import type { Eviction } from "../pods/eviction.ts";
import { qosClass } from "../sandbox/qos-class.ts";
import type { Summary } from "../stats/summary.ts";
import { hasStorageLimit, pressureMessage, storageMessage } from "./eviction-message.ts";
import { Pressure } from "./pressure.ts";
import { type Candidate, isCritical, rankForEviction } from "./ranking.ts";
import {
  type Observations,
  type PressureCondition,
  parseThresholds,
  resourceOf,
  type Threshold,
  thresholdsMet,
} from "./thresholds.ts";

export interface EvictionManagerOptions {
  readonly settings: KubeletSettings;
  /** What the box has left, by signal; asked every ten seconds, so it is to be cheap. */
  readonly observe: () => Promise<Observations>;
  /** What everything uses; asked when a Pod must go, or may have exceeded a limit of its own. */
  readonly summary: () => Promise<Summary>;
  /** The Pods that run or are to run here. */
  readonly pods: () => readonly V1Pod[];
  /** Ends a Pod; false where it ends already. */
  readonly evict: (pod: V1Pod, eviction: Eviction) => boolean;
  /** Frees what the node can do without before Pods are evicted. */
  readonly freeDisk: () => Promise<unknown>;
  readonly freeMemory: () => Promise<unknown>;
  /** Told of what happens: of the node by its reason, and of each eviction by its signal. */
  readonly tellNode: (reason: string, message: string) => void;
  readonly countEviction: (signal: string) => void;
  /** Called when the node's conditions changed. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The kubelet's `evictionMonitoringPeriod`. */
const intervalMs = 10_000;
/** A hard eviction leaves containers this long (kubelet `immediateEvictionGracePeriodSeconds`). */
const immediateSeconds = 1;

/** Watches what the box has left, and ends Pods before it has nothing left (kubelet `pkg/kubelet/eviction`). */
export class EvictionManager {
  readonly #options: EvictionManagerOptions;
  readonly #pressure: Pressure;

  constructor(options: EvictionManagerOptions) {
    this.#options = options;
    const { settings } = options;
    this.#pressure = new Pressure(parseThresholds(settings), settings.evictionPressureTransitionPeriodMs);
  }

  get conditions(): ReadonlySet<PressureCondition> {
    return this.#pressure.conditions;
  }

  /** Why a node under pressure does not take the Pod (kubelet `Admit`). */
  admit(pod: V1Pod): Rejection | undefined {
    const { conditions } = this;
    if (conditions.size === 0 || isCritical(pod)) return undefined;
    if (conditions.size === 1 && conditions.has("MemoryPressure")) {
      if (qosClass(pod) !== "BestEffort" || toleratesMemoryPressure(pod)) return undefined;
    }
    return { reason: "Evicted", message: `The node had condition: [${[...conditions].join(" ")}]. ` };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    while (!signal.aborted) {
      try {
        await this.check();
      } catch (error) {
        logger.warn("Cannot tell whether Pods must be evicted", { error: asError(error) });
      }
      await clockSleep(clock, intervalMs, signal);
    }
  }

  /** Takes one look, and evicts one Pod at most. */
  async check(): Promise<void> {
    const { observe, clock, onChange } = this.#options;
    const before = this.#pressure.conditions;
    const observations = await observe();
    const met = this.#pressure.observe(observations, clock.now());
    if (!sameSet(before, this.#pressure.conditions)) onChange();
    if (await this.#evictOverLimits()) return;
    const [threshold] = met;
    if (threshold) await this.#reclaim(threshold, observations);
  }

  /** Those that exceed limits of their own, whatever the node has left. */
  async #evictOverLimits(): Promise<boolean> {
    const { pods, summary } = this.#options;
    const limited = pods().filter(hasStorageLimit);
    if (limited.length === 0) return false;
    const { pods: all } = await summary();
    let evicted = false;
    for (const pod of limited) {
      const stats = all.find(({ podRef }) => podRef.uid === pod.metadata?.uid);
      const message = stats && storageMessage(pod, stats);
      if (message && this.#evict(pod, message, immediateSeconds, "ephemeralcontainerfs.limit"))
        evicted = true;
    }
    return evicted;
  }

  async #reclaim(threshold: Threshold, observations: Observations): Promise<void> {
    const { tellNode, pods, summary, settings } = this.#options;
    const resource = resourceOf(threshold.signal);
    tellNode("EvictionThresholdMet", `Attempting to reclaim ${resource}`);
    if (await this.#free(threshold)) return;
    const { pods: all } = await summary();
    const candidates = pods()
      .filter((pod) => !isCritical(pod))
      .map((pod): Candidate => {
        const stats = all.find(({ podRef }) => podRef.uid === pod.metadata?.uid);
        return { pod, ...(stats && { stats }) };
      });
    const observed = observations.get(threshold.signal);
    const seconds = threshold.isHard ? immediateSeconds : settings.evictionMaxPodGracePeriodSeconds;
    for (const candidate of rankForEviction(candidates, resource)) {
      const message = observed ? pressureMessage(candidate, threshold, observed) : "";
      if (this.#evict(candidate.pod, message, seconds, threshold.signal)) return;
    }
  }

  /** Frees what the node can do without; whether that was enough. */
  async #free(threshold: Threshold): Promise<boolean> {
    const { freeDisk, freeMemory, observe } = this.#options;
    const resource = resourceOf(threshold.signal);
    if (resource === "ephemeral-storage" || resource === "inodes") await freeDisk();
    else if (resource === "memory") await freeMemory();
    else return false;
    return thresholdsMet([threshold], await observe(), true).length === 0;
  }

  #evict(pod: V1Pod, message: string, gracePeriodSeconds: number, signal: string): boolean {
    const { evict, countEviction, logger } = this.#options;
    if (!evict(pod, { reason: "Evicted", message, gracePeriodSeconds, isDisruption: true })) return false;
    countEviction(signal);
    logger.warn("Evicted a Pod", {
      namespace: pod.metadata?.namespace,
      pod: pod.metadata?.name,
      why: message,
    });
    return true;
  }
}

function toleratesMemoryPressure({ spec }: V1Pod): boolean {
  return (spec?.tolerations ?? []).some(
    ({ key, operator, effect }) =>
      (key === "node.kubernetes.io/memory-pressure" || (!key && operator === "Exists")) &&
      (!effect || effect === "NoSchedule"),
  );
}

function sameSet<T>(left: ReadonlySet<T>, right: ReadonlySet<T>): boolean {
  return left.size === right.size && [...left].every((each) => right.has(each));
}
