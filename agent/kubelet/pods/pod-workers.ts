import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { PodSandboxMetadata } from "../../runtime/runtime.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import type { Eviction } from "./eviction.ts";
import { PodWorker, type PodWorkerOptions } from "./pod-worker.ts";

/** One worker for each Pod UID that the API or the runtime knows. */
export class PodWorkers {
  readonly #options: PodWorkerOptions;
  readonly #workers = new Map<string, PodWorker>();
  /** Pods that are removed here while the API may still tell of them. */
  readonly #removed = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();

  constructor(options: PodWorkerOptions) {
    this.#options = options;
  }

  /** Takes a new or changed Pod. */
  update(pod: V1Pod): void {
    const { uid } = podIdentity(pod);
    if (this.#removed.has(uid)) return;
    const worker = this.#workers.get(uid);
    if (worker) worker.update(pod);
    else this.#start(uid, new PodWorker(pod, this.#options));
  }

  /** The Pod is wanted no more: what runs of it ends. Resolves when nothing of it is left, or the daemon ends. */
  async remove(pod: V1Pod): Promise<void> {
    const { uid } = podIdentity(pod);
    this.#removed.delete(uid);
    this.#workers.get(uid)?.markGone();
    await this.#running.get(uid);
  }

  /** Something of the Pod changed in the runtime. */
  poke(uid: string): void {
    this.#workers.get(uid)?.poke();
  }

  /** Ends a Pod though nobody deleted it; false where it ends already. */
  evict(uid: string, eviction: Eviction): boolean {
    return this.#workers.get(uid)?.evict(eviction) ?? false;
  }

  /** The runtime has a sandbox of a Pod that the API does not have: it ends. */
  adoptOrphan({ namespace, name, uid }: PodSandboxMetadata): void {
    if (this.#workers.has(uid)) return;
    const worker = new PodWorker({ metadata: { namespace, name, uid } }, this.#options);
    worker.markGone();
    this.#start(uid, worker);
  }

  /** Resolves when all workers have stopped. */
  async stopped(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  #start(uid: string, worker: PodWorker): void {
    this.#workers.set(uid, worker);
    const running = worker.run().then((removed) => {
      this.#workers.delete(uid);
      this.#running.delete(uid);
      if (removed && !worker.gone) this.#removed.add(uid);
    });
    this.#running.set(uid, running);
  }
}
