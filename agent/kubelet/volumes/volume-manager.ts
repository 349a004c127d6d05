import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { EventRecorder, KubernetesClient } from "../../../supervisor/client/types.ts";
import { WorkQueue, type WorkResult } from "../../../supervisor/client/work-queue.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { apiClaimSource } from "../api-config-source.ts";
import type { DownwardContext } from "../containers/downward-values.ts";
import type { KubeletMetrics } from "../metrics/kubelet-metrics.ts";
import { BackOff } from "../pods/back-off.ts";
import { podRuntimeState } from "../pods/pod-runtime-state.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import { ClaimExpander } from "./claim-expander.ts";
import { type GatheredVolumes, PodVolumes } from "./pod-volumes.ts";
import { ServiceAccountTokens } from "./service-account-tokens.ts";
import { volumeReferences } from "./volume-references.ts";
import { WatchedObjects } from "./watched-objects.ts";

/** The kubelet's wait after a volume that could not be had (`goroutinemap/exponentialbackoff`). */
const backOffInitialMs = 500;
const backOffMaxMs = 122_000;
/** A clock that differs from the API server's by more than a token's life does not make requests without end. */
const tokenIntervalMs = 60_000;
/** A node may read its Pods' claims but not watch them: it looks as often as the kubelet does (`syncFrequency`). */
const claimIntervalMs = 60_000;
/** Pods whose volumes are brought up to date at the same time. */
const workers = 8;

export interface VolumeManagerOptions {
  readonly client: KubernetesClient;
  readonly runtime: Runtime;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<KubeletMetrics, "storage">;
  readonly random: () => number;
  readonly node: () => Omit<DownwardContext, "podAddresses">;
  /** Called when a Pod that waits for its volumes may try again. */
  readonly retry: (uid: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Keeps the volumes of Pods as the API has their contents, for as long as the Pods are on this node: follows the objects
 * that they name, the Pods' own fields and the ages of their tokens. Nothing is remembered over a restart: contents are
 * gathered again, and the runtime writes what differs.
 */
export class VolumeManager {
  readonly #options: VolumeManagerOptions;
  readonly #volumes: PodVolumes;
  readonly #objects: WatchedObjects;
  readonly #tokens: ServiceAccountTokens;
  readonly #queue: WorkQueue;
  /** Of Pods that cannot start for want of a volume. */
  readonly #backOff: BackOff;
  readonly #pods = new Map<string, V1Pod>();

  constructor(options: VolumeManagerOptions) {
    this.#options = options;
    this.#objects = new WatchedObjects({ ...options, onChange: (uid) => this.#queue.add(uid) });
    this.#tokens = new ServiceAccountTokens(options);
    this.#backOff = new BackOff(options.clock, backOffInitialMs, backOffMaxMs);
    this.#queue = new WorkQueue({
      name: "volumes",
      clock: options.clock,
      initialDelayMs: backOffInitialMs,
      maxDelayMs: backOffMaxMs,
    });
    options.metrics.storage.countVolumes(() => this.#volumes.managed([...this.#pods.values()]));
    this.#volumes = new PodVolumes({
      ...options,
      metrics: options.metrics.storage,
      expander: new ClaimExpander(options),
      source: {
        configMap: (namespace, name) => this.#objects.get({ resource: "configmaps", namespace, name }),
        secret: (namespace, name) => this.#objects.get({ resource: "secrets", namespace, name }),
        token: (pod, wanted) => this.#tokens.get(pod, wanted),
        ...apiClaimSource(options.client),
      },
    });
  }

  /** Follows changes until the signal. */
  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(signal, workers, (uid) => this.#refresh(uid));
  }

  /** Takes a newer object of a Pod of this node. */
  update(pod: V1Pod): void {
    const { uid } = podIdentity(pod);
    const known = this.#pods.get(uid);
    if (pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") return;
    this.#pods.set(uid, pod);
    if (known && Bun.deepEquals(shownFields(known), shownFields(pod))) return;
    this.#objects.hold(uid, volumeReferences(pod));
    this.#queue.add(uid);
  }

  forget(uid: string): void {
    this.#pods.delete(uid);
    this.#objects.release(uid);
    this.#tokens.forget(uid);
    this.#volumes.forget(uid);
    this.#backOff.forget(uid);
  }

  /** How long the Pod is to wait yet before its volumes are tried again. */
  remainingMs(pod: V1Pod): number {
    return this.#backOff.remaining(podIdentity(pod).uid);
  }

  /** Whether the last attempt failed. */
  hasFailed(pod: V1Pod): boolean {
    return this.#backOff.delayMs(podIdentity(pod).uid) > 0;
  }

  areIn(pod: V1Pod, sandboxId: string): boolean {
    return this.#volumes.areIn(pod, sandboxId);
  }

  /** What a new machine's volumes are to hold; undefined where that cannot be had. Never rejects. */
  async gather(pod: V1Pod): Promise<GatheredVolumes | undefined> {
    this.update(pod);
    const gathered = await this.#volumes.gather(pod);
    if (!gathered) this.#failed(pod);
    return gathered;
  }

  /** Fills a new machine's volumes, and follows what has changed since. False where one could not be written. */
  async write(pod: V1Pod, sandboxId: string, gathered: GatheredVolumes): Promise<boolean> {
    const { uid } = podIdentity(pod);
    const isWritten = await this.#volumes.write(pod, sandboxId, gathered);
    if (isWritten) this.#backOff.forget(uid);
    else this.#failed(pod);
    this.#queue.add(uid);
    return isWritten;
  }

  /** Brings a running machine's volumes up to date; throws for a later attempt where one cannot be had. */
  async #refresh(uid: string): Promise<WorkResult | undefined> {
    const pod = this.#pods.get(uid);
    if (!pod) return undefined;
    const [sandbox] = podRuntimeState(this.#options.runtime, uid).sandboxes;
    if (sandbox?.state !== "ready") {
      if (this.hasFailed(pod)) this.#retry(uid);
      return undefined;
    }
    const gathered = await this.#volumes.gather(pod);
    const isWritten = gathered && (await this.#volumes.write(pod, sandbox.id, gathered));
    if (!isWritten) throw new Error(`The volumes of Pod ${uid} are not up to date`);
    const dueMs = [
      ...(gathered.served.some(({ mayGrow }) => mayGrow) ? [claimIntervalMs] : []),
      ...this.#tokenDueMs(uid),
    ];
    return dueMs.length > 0 ? { requeueAfterMs: Math.min(...dueMs) } : undefined;
  }

  #tokenDueMs(uid: string): number[] {
    const refreshMs = this.#tokens.refreshMs(uid);
    return refreshMs === undefined ? [] : [Math.max(tokenIntervalMs, refreshMs - this.#options.clock.now())];
  }

  #failed(pod: V1Pod): void {
    this.#backOff.next(podIdentity(pod).uid, this.#options.clock.now());
  }

  /** What the Pod waits for may be there now. */
  #retry(uid: string): void {
    this.#backOff.forget(uid);
    this.#options.retry(uid);
  }
}

/** What volumes may show of the Pod itself. */
function shownFields({ metadata, spec }: V1Pod): unknown {
  return [metadata?.labels, metadata?.annotations, spec];
}
