import type { V1Node, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { isAlreadyExists, isNotFound } from "../../../supervisor/apimachinery/errors.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { KubernetesClient, Lister, ResourceClient } from "../../../supervisor/client/types.ts";
import { WorkQueue } from "../../../supervisor/client/work-queue.ts";
import type { StatusManager } from "../pods/status-manager.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import { hashAnnotation, isMirror, mirrorAnnotation, podKey } from "./pod-source.ts";

export interface MirrorPodsOptions {
  readonly nodeName: string;
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the API has for this node, mirrors among others. */
  readonly known: Lister<V1Pod>;
  readonly running: () => readonly V1Pod[];
  readonly status: Pick<StatusManager, "show">;
}

/**
 * Shows static Pods in the API, each by an object of its name that belongs to the Node (kubelet `MirrorClient`). Deleting one
 * ends nothing: it is made anew. One whose Pod is gone, or another than before, is removed.
 */
export class MirrorPods {
  readonly #options: MirrorPodsOptions;
  readonly #queue: WorkQueue;
  #hasManifests = false;

  constructor(options: MirrorPodsOptions) {
    this.#options = options;
    const { clock, logger } = options;
    this.#queue = new WorkQueue({
      name: "mirror-pods",
      clock,
      logger,
      initialDelayMs: 500,
      maxDelayMs: 30_000,
    });
  }

  /** Follows until the signal. */
  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(signal, 1, (key) => this.#sync(key));
  }

  /** The API's object came, went or changed. */
  onMirror(mirror: V1Pod): void {
    this.#queue.add(podKey(mirror));
  }

  /** What runs has changed; called first when the manifests have been read. */
  onRunning(): void {
    this.#hasManifests = true;
    for (const pod of this.#options.running()) this.#queue.add(podKey(pod));
    for (const pod of this.#options.known.list()) if (isMirror(pod)) this.#queue.add(podKey(pod));
  }

  async #sync(key: string): Promise<void> {
    const { known, running, status } = this.#options;
    if (!this.#hasManifests) return;
    const pod = running().find((each) => podKey(each) === key);
    const found = known.get(key);
    const mirror = found && isMirror(found) ? found : undefined;
    const hash = pod?.metadata?.annotations?.[hashAnnotation];
    const shows = mirror && hash !== undefined && mirror.metadata?.annotations?.[mirrorAnnotation] === hash;
    if (mirror && (!shows || mirror.metadata?.deletionTimestamp !== undefined)) await this.#remove(mirror);
    else if (pod && mirror) status.show(pod, mirror);
    else if (pod && !found) {
      const made = await this.#create(pod);
      if (made) status.show(pod, made);
    }
  }

  async #create(pod: V1Pod): Promise<V1Pod | undefined> {
    const { nodeName, client } = this.#options;
    const node = await client.resource<V1Node>({ group: "", version: "v1", resource: "nodes" }).get(nodeName);
    const { name, namespace } = podIdentity(pod);
    const { labels, annotations } = pod.metadata ?? {};
    const owner = { apiVersion: "v1", kind: "Node", name: nodeName, uid: node.metadata?.uid ?? "" };
    const mirror = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name,
        namespace,
        ...(labels && { labels }),
        annotations: { ...annotations, [mirrorAnnotation]: annotations?.[hashAnnotation] ?? "" },
        ownerReferences: [{ ...owner, controller: true }],
      },
      ...(pod.spec && { spec: pod.spec }),
    };
    try {
      return await this.#pods(pod).create(mirror);
    } catch (error) {
      // The informer tells of that one, and then it is seen whether it shows this Pod.
      if (isAlreadyExists(error)) return undefined;
      throw error;
    }
  }

  async #remove(mirror: V1Pod): Promise<void> {
    const { name, uid } = podIdentity(mirror);
    try {
      await this.#pods(mirror).delete(name, { gracePeriodSeconds: 0, uid });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #pods(pod: V1Pod): ResourceClient<V1Pod> {
    const { namespace } = podIdentity(pod);
    return this.#options.client.resource<V1Pod>({ group: "", version: "v1", resource: "pods" }, namespace);
  }
}
