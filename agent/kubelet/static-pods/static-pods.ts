import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import { podKey } from "./pod-source.ts";

/** What static Pods are run by. */
export interface StaticPodWork {
  start(pod: V1Pod): void;
  /** Ends the Pod; resolves when nothing of it is left. */
  stop(pod: V1Pod): Promise<void>;
  /** Another Pod runs, or one has ended. */
  changed(): void;
}

/** The Pods of manifests: each runs until its manifest goes; a changed one is a new Pod, begun when the old has ended. */
export class StaticPods {
  readonly #work: StaticPodWork;
  #wanted: ReadonlyMap<string, V1Pod> = new Map();
  readonly #running = new Map<string, V1Pod>();
  readonly #stopping = new Set<string>();

  constructor(work: StaticPodWork) {
    this.#work = work;
  }

  /** Takes all Pods of the manifests as they are now. */
  want(pods: readonly V1Pod[]): void {
    this.#wanted = new Map(pods.map((pod) => [podKey(pod), pod]));
    for (const key of new Set([...this.#wanted.keys(), ...this.#running.keys()])) this.#settle(key);
    this.#work.changed();
  }

  /** Those that run, or end just now. */
  list(): readonly V1Pod[] {
    return [...this.#running.values()];
  }

  get(key: string): V1Pod | undefined {
    return this.#running.get(key);
  }

  #settle(key: string): void {
    if (this.#stopping.has(key)) return;
    const wanted = this.#wanted.get(key);
    const running = this.#running.get(key);
    if (running && wanted && podIdentity(running).uid === podIdentity(wanted).uid) return;
    if (running) {
      this.#stopping.add(key);
      void this.#work.stop(running).then(() => {
        this.#stopping.delete(key);
        this.#running.delete(key);
        this.#settle(key);
        this.#work.changed();
      });
    } else if (wanted) {
      this.#running.set(key, wanted);
      this.#work.start(wanted);
    }
  }
}
