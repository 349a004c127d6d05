import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { isConflict, isNotFound } from "../../../supervisor/apimachinery/errors.ts";
import type { KubernetesClient } from "../../../supervisor/client/types.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import type { Eviction } from "./eviction.ts";
import type { PodKiller } from "./pod-killer.ts";
import type { PodSyncer, SyncResult } from "./pod-syncer.ts";
import type { PodWork } from "./pod-worker.ts";

/** What workers do to Pods: the syncer's and the killer's steps, and at last the API's. */
export class PodLifecycle implements PodWork {
  readonly #syncer: PodSyncer;
  readonly #killer: PodKiller;
  readonly #client: KubernetesClient;

  constructor(syncer: PodSyncer, killer: PodKiller, client: KubernetesClient) {
    this.#syncer = syncer;
    this.#killer = killer;
    this.#client = client;
  }

  sync(pod: V1Pod, signal: AbortSignal): Promise<SyncResult> {
    return this.#syncer.sync(pod, signal);
  }

  giveUp(pod: V1Pod, eviction: Eviction): void {
    this.#syncer.giveUp(pod, eviction);
  }

  terminate(pod: V1Pod, gracePeriodSeconds: number, gone: boolean): Promise<void> {
    return this.#syncer.terminate(pod, gracePeriodSeconds, gone);
  }

  hurry(pod: V1Pod, gracePeriodSeconds: number): Promise<void> {
    return this.#killer.stopContainers(pod, gracePeriodSeconds);
  }

  refresh(pod: V1Pod): void {
    this.#syncer.refresh(pod);
  }

  settle(pod: V1Pod): Promise<void> {
    return this.#syncer.settle(pod);
  }

  async remove(pod: V1Pod, gone: boolean): Promise<void> {
    const identity = podIdentity(pod);
    await this.#killer.remove(identity);
    if (!gone) await this.#deleteFromApi(identity);
    this.#syncer.forget(identity.uid);
  }

  /** A Pod of the same name with another UID is somebody else's: the precondition spares it. */
  async #deleteFromApi({ namespace, name, uid }: ReturnType<typeof podIdentity>): Promise<void> {
    const pods = this.#client.resource({ group: "", version: "v1", resource: "pods" }, namespace);
    try {
      await pods.delete(name, { gracePeriodSeconds: 0, uid });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}
