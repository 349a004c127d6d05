import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { type Clock, clockSleep } from "../../../supervisor/base/clock.ts";
import { asError } from "../../../supervisor/base/errors.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { Rejection } from "../node/node-fit.ts";
import type { Eviction } from "../pods/eviction.ts";
import type { ShutdownSource } from "./shutdown-source.ts";

/** The kubelet's `dbusReconnectPeriod`. */
const retryMs = 1000;
/** Between two looks whether Pods have ended. */
const pollMs = 200;
/** The priority from which on Pods are the system's own (`SystemCriticalPriority`). */
const criticalPriority = 2_000_000_000;

interface ShutdownGroup {
  readonly isCritical: boolean;
  readonly graceMs: number;
}

export interface ShutdownManagerOptions {
  /** For all Pods, those of the system included; 0: a shutdown does not wait. */
  readonly gracePeriodMs: number;
  /** The last part of it, which is for critical Pods. */
  readonly criticalGracePeriodMs: number;
  /** Undefined where nobody tells of shutdowns. */
  readonly source: ShutdownSource | undefined;
  /** Those that have not ended. */
  readonly pods: () => readonly V1Pod[];
  readonly evict: (pod: V1Pod, eviction: Eviction) => boolean;
  /** Whether anything of the Pod runs. */
  readonly runs: (pod: V1Pod) => boolean;
  readonly tellNode: (reason: string, message: string) => void;
  /** The node's readiness has changed. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Ends Pods in good order before the box goes down (kubelet `nodeshutdown`): ordinary ones first, then critical ones. */
export class ShutdownManager {
  readonly #options: ShutdownManagerOptions;
  #isShuttingDown = false;

  constructor(options: ShutdownManagerOptions) {
    this.#options = options;
  }

  /** Why the node is not ready. */
  get notReady(): string | undefined {
    return this.#isShuttingDown ? "node is shutting down" : undefined;
  }

  /** Why no Pod is taken. */
  admit(): Rejection | undefined {
    if (!this.#isShuttingDown) return undefined;
    return { reason: "NodeShutdown", message: "Pod was rejected as the node is shutting down." };
  }

  /** Follows shutdowns until the signal, where they are to wait. */
  async run(signal: AbortSignal): Promise<void> {
    const { source, gracePeriodMs, clock, logger } = this.#options;
    if (gracePeriodMs === 0) return;
    if (source === undefined) {
      logger.warn("Shutdowns of this box are told by nobody: Pods will not end in good order", {
        expected: "systemd with logind",
      });
      return;
    }
    while (!signal.aborted) {
      try {
        await this.#follow(source, signal);
      } catch (error) {
        if (!signal.aborted) logger.warn("Cannot follow shutdowns, trying again", { error: asError(error) });
      }
      await clockSleep(clock, retryMs, signal);
    }
  }

  async #follow(source: ShutdownSource, signal: AbortSignal): Promise<void> {
    await source.allow(this.#options.gracePeriodMs);
    let release = await source.inhibit();
    try {
      for await (const isShuttingDown of source.watch(signal)) {
        this.#set(isShuttingDown);
        if (isShuttingDown) await this.#endPods(signal);
        release();
        if (!isShuttingDown) release = await source.inhibit();
      }
    } finally {
      release();
    }
  }

  #set(isShuttingDown: boolean): void {
    const { tellNode, onChange } = this.#options;
    const what = isShuttingDown ? "shutdown event" : "shutdown cancellation";
    tellNode("NodeShutdown", `Shutdown manager detected ${what}`);
    this.#isShuttingDown = isShuttingDown;
    onChange();
  }

  async #endPods(signal: AbortSignal): Promise<void> {
    const { gracePeriodMs, criticalGracePeriodMs } = this.#options;
    const groups = [
      { isCritical: false, graceMs: gracePeriodMs - criticalGracePeriodMs },
      { isCritical: true, graceMs: criticalGracePeriodMs },
    ];
    for (const group of groups) await this.#endGroup(group, signal);
  }

  /** Ends the Pods of a group; resolves when they have ended or their time is over. */
  async #endGroup({ isCritical, graceMs }: ShutdownGroup, signal: AbortSignal): Promise<void> {
    const { pods, evict, runs, clock, logger } = this.#options;
    const group = pods().filter(({ spec }) => (spec?.priority ?? 0) >= criticalPriority === isCritical);
    for (const pod of group) {
      evict(pod, {
        reason: "Terminated",
        message: "Pod was terminated in response to imminent node shutdown.",
        gracePeriodSeconds: Math.floor(graceMs / 1000),
        isDisruption: true,
        isSilent: true,
      });
    }
    const endMs = clock.now() + graceMs;
    while (group.some(runs) && clock.now() < endMs && !signal.aborted) {
      await clockSleep(clock, pollMs, signal);
    }
    const late = group.filter(runs).length;
    if (late > 0) logger.warn("Pods did not end in time for the shutdown", { pods: late, isCritical });
  }
}
