import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import { createInformer } from "../../../supervisor/client/informer.ts";
import type { Informer, KubernetesClient, Lister } from "../../../supervisor/client/types.ts";
import type { StatusManager } from "../pods/status-manager.ts";
import { ManifestFolder } from "./manifest-folder.ts";
import { MirrorPods } from "./mirror-pods.ts";
import { isMirror } from "./pod-source.ts";
import { StaticPods } from "./static-pods.ts";

export interface NodePodsOptions {
  readonly nodeName: string;
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly status: StatusManager;
  /** The folder of static Pods' manifests. */
  readonly podManifestPath: string;
}

/** What is done with the Pods of the node. */
interface NodePodsWork {
  /** A new or changed Pod. */
  update(pod: V1Pod): void;
  /** A Pod that is wanted no more; resolves when nothing of it is left. */
  remove(pod: V1Pod): Promise<void>;
}

/** The Pods that this node is to run: those that the API binds to it, and those of manifests in its folder. */
export class NodePods implements Pick<Lister<V1Pod>, "get" | "list"> {
  /** Resolves when all Pods are known, from both. */
  readonly synced: Promise<void>;
  readonly #options: NodePodsOptions;
  readonly #api: Informer<V1Pod>;
  readonly #read = Promise.withResolvers<void>();
  #static: StaticPods | undefined;

  constructor(options: NodePodsOptions) {
    const { nodeName, client, clock, logger } = options;
    this.#options = options;
    this.#api = createInformer<V1Pod>(
      client,
      { group: "", version: "v1", resource: "pods" },
      { fieldSelector: `spec.nodeName=${nodeName}` },
      { clock, logger },
    );
    this.synced = Promise.all([this.#api.synced, this.#read.promise]).then(() => {});
  }

  /** A static Pod rather than the object that shows it. */
  get(key: string): V1Pod | undefined {
    return this.#static?.get(key) ?? this.#api.get(key);
  }

  list(): readonly V1Pod[] {
    return [...(this.#static?.list() ?? []), ...this.#api.list().filter((pod) => !isMirror(pod))];
  }

  /** Tells of Pods until the signal. Static ones need no API. */
  async run(work: NodePodsWork, signal: AbortSignal): Promise<void> {
    const { podManifestPath: path } = this.#options;
    const ofFiles = new StaticPods({
      start: (pod) => work.update(pod),
      stop: (pod) => work.remove(pod),
      changed: () => mirrors.onRunning(),
    });
    this.#static = ofFiles;
    const mirrors = new MirrorPods({ ...this.#options, known: this.#api, running: () => ofFiles.list() });
    const either = (ofApi: (pod: V1Pod) => void) => (pod: V1Pod) =>
      isMirror(pod) ? mirrors.onMirror(pod) : ofApi(pod);
    const update = either((pod) => work.update(pod));
    this.#api.addHandlers({
      onAdd: update,
      onUpdate: update,
      onDelete: either((pod) => void work.remove(pod)),
    });
    const onPods = (pods: readonly V1Pod[]): void => {
      ofFiles.want(pods);
      this.#read.resolve();
    };
    const folder = new ManifestFolder({ ...this.#options, path, onPods });
    await Promise.all([this.#api.run(signal), folder.run(signal), mirrors.run(signal)]);
  }
}
