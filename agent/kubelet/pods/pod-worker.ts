import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { asError } from "../../../supervisor/base/errors.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import { Backoff } from "../../../supervisor/client/backoff.ts";
import type { Eviction } from "./eviction.ts";
import type { SyncResult } from "./pod-syncer.ts";

/** What a worker does to its Pod. Every verb may be called again after it failed or was cut off. */
export interface PodWork {
  /** One step towards the spec. The signal aborts when the Pod is to end. */
  sync(pod: V1Pod, signal: AbortSignal): Promise<SyncResult>;
  /** The host gives the Pod up: it fails for this reason. `terminate` follows. */
  giveUp(pod: V1Pod, eviction: Eviction): void;
  /** Ends all that runs of the Pod; reports its status on the way unless the Pod is `gone` from the API. */
  terminate(pod: V1Pod, gracePeriodSeconds: number, gone: boolean): Promise<void>;
  /** Shortens the grace period of a `terminate` that is under way. */
  hurry(pod: V1Pod, gracePeriodSeconds: number): Promise<void>;
  /** Reports the state of a Pod while a `terminate` is under way. */
  refresh(pod: V1Pod): void;
  /** Brings the last status of a Pod that has ended to the API. */
  settle(pod: V1Pod): Promise<void>;
  /** Removes what the host keeps of the Pod, and the Pod from the API unless it is `gone` from there. */
  remove(pod: V1Pod, gone: boolean): Promise<void>;
}

export interface PodWorkerOptions {
  readonly work: PodWork;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The daemon's end: the worker stops, the Pod goes on. */
  readonly signal: AbortSignal;
}

type Stage = "syncing" | "terminating" | "ended" | "removed";

/** An orphan's containers get this long: the API's object that could say more is gone. */
const orphanGraceSeconds = 1;

/**
 * The one serial worker of a Pod (kubelet `podWorkers`): it syncs until the Pod is deleted or has ended, ends what
 * runs, settles the status, and removes what is left once the API wants the Pod gone. It works on the newest state
 * whenever something changed, so nothing that happened before a restart is needed.
 */
export class PodWorker {
  readonly #options: PodWorkerOptions;
  readonly #ending = new AbortController();
  #pod: V1Pod;
  #gone = false;
  #stage: Stage = "syncing";
  #dirty = true;
  #wake: (() => void) | undefined;
  #hurriedSeconds = Number.POSITIVE_INFINITY;
  #eviction: Eviction | undefined;

  constructor(pod: V1Pod, options: PodWorkerOptions) {
    this.#pod = pod;
    this.#options = options;
  }

  /** Takes a newer object of the Pod; works on it unless only its status changed, which is this host's own doing. */
  update(pod: V1Pod): void {
    const before = this.#pod;
    this.#pod = pod;
    if (asksForWork(before, pod)) this.#changed();
  }

  /** Whether the API has the Pod no more. */
  get gone(): boolean {
    return this.#gone;
  }

  /** The API has no such Pod any more. */
  markGone(): void {
    this.#gone = true;
    this.#changed();
  }

  /** Ends the Pod though nobody deleted it; false where it ends already. */
  evict(eviction: Eviction): boolean {
    if (this.#leaving || this.#eviction || this.#stage !== "syncing") return false;
    this.#eviction = eviction;
    this.#options.work.giveUp(this.#pod, eviction);
    this.#ending.abort();
    this.#toDo();
    return true;
  }

  /** Something of the Pod changed in the runtime. */
  poke(): void {
    if (this.#stage === "terminating" && !this.#gone) this.#options.work.refresh(this.#pod);
    this.#toDo();
  }

  /** Resolves with true when all of the Pod is removed, with false when the daemon ends before that. */
  async run(): Promise<boolean> {
    const { clock, logger, signal } = this.#options;
    const backoff = new Backoff({ initialMs: 1000, maxMs: 10_000 });
    const stop = (): void => {
      this.#ending.abort();
      this.#wake?.();
    };
    signal.addEventListener("abort", stop, { once: true });
    let waitMs: number | undefined;
    while (this.#stage !== "removed" && !signal.aborted) {
      await this.#pause(clock, waitMs);
      if (signal.aborted) break;
      try {
        waitMs = await this.#step();
        backoff.reset();
      } catch (error) {
        if (signal.aborted) break;
        const cause = asError(error);
        const { name, namespace } = this.#pod.metadata ?? {};
        logger.warn("Cannot sync a Pod, trying again", {
          pod: name,
          namespace,
          stage: this.#stage,
          error: cause,
        });
        waitMs = backoff.next();
      }
    }
    signal.removeEventListener("abort", stop);
    return this.#stage === "removed";
  }

  get #leaving(): boolean {
    return this.#gone || this.#pod.metadata?.deletionTimestamp !== undefined;
  }

  /** The Pod is to end. */
  get #isOver(): boolean {
    return this.#leaving || this.#eviction !== undefined;
  }

  #changed(): void {
    if (this.#leaving && this.#stage === "syncing") this.#ending.abort();
    if (this.#stage === "terminating") this.#hurry();
    this.#toDo();
  }

  #toDo(): void {
    this.#dirty = true;
    this.#wake?.();
  }

  /** Waits for a change, or for `waitMs` at most. A step that is to follow at once asks for 0. */
  async #pause(clock: Clock, waitMs: number | undefined): Promise<void> {
    if (this.#dirty || waitMs === 0) {
      this.#dirty = false;
      return;
    }
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#options.signal.aborted) resolve();
      else if (waitMs !== undefined) {
        const cancel = clock.after(waitMs, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      }
    });
    this.#wake = undefined;
    this.#dirty = false;
  }

  /** Takes one step; returns when the next is due if nothing changes before. */
  async #step(): Promise<number | undefined> {
    const { work } = this.#options;
    switch (this.#stage) {
      case "syncing": {
        const result = this.#isOver ? { ended: true } : await work.sync(this.#pod, this.#ending.signal);
        if (!result.ended && !this.#isOver) return result.retryAfterMs;
        this.#stage = "terminating";
        return 0;
      }
      case "terminating":
        await this.#terminate();
        return 0;
      case "ended":
        if (!this.#gone) await work.settle(this.#pod);
        if (this.#options.signal.aborted || !this.#leaving) return undefined;
        await work.remove(this.#pod, this.#gone);
        this.#stage = "removed";
        return undefined;
      case "removed":
        return undefined;
    }
  }

  /** The daemon does not wait for a grace period when it ends: the next one goes on with it. */
  async #terminate(): Promise<void> {
    const { work, signal } = this.#options;
    this.#hurriedSeconds = this.#graceSeconds();
    const stopped = Promise.withResolvers<void>();
    const stop = (): void => stopped.resolve();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const terminating = work.terminate(this.#pod, this.#hurriedSeconds, this.#gone);
      await Promise.race([terminating, stopped.promise]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
    if (!signal.aborted) this.#stage = "ended";
  }

  #graceSeconds(): number {
    const { deletionGracePeriodSeconds } = this.#pod.metadata ?? {};
    const seconds = deletionGracePeriodSeconds ?? this.#pod.spec?.terminationGracePeriodSeconds;
    const atMost = this.#eviction?.gracePeriodSeconds ?? Number.POSITIVE_INFINITY;
    return Math.max(1, Math.min(seconds ?? orphanGraceSeconds, atMost));
  }

  #hurry(): void {
    const seconds = this.#graceSeconds();
    if (seconds >= this.#hurriedSeconds) return;
    this.#hurriedSeconds = seconds;
    this.#options.work.hurry(this.#pod, seconds).catch((error: unknown) => {
      const cause = asError(error);
      this.#options.logger.warn("Cannot shorten the grace period of a Pod", { error: cause });
    });
  }
}

function asksForWork(before: V1Pod, after: V1Pod): boolean {
  const relevant = ({ metadata, spec, status }: V1Pod): unknown => [
    spec,
    metadata?.labels,
    metadata?.annotations,
    metadata?.deletionTimestamp,
    metadata?.deletionGracePeriodSeconds,
    spec?.readinessGates?.length ? status?.conditions : undefined,
  ];
  return !Bun.deepEquals(relevant(before), relevant(after));
}
