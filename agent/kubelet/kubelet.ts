import { join } from "node:path";
import type { V1Pod, V1Service } from "../../supervisor/api/generated/types.ts";
import type { Clock } from "../../supervisor/base/clock.ts";
import type { Logger } from "../../supervisor/base/logging.ts";
import { createInformer } from "../../supervisor/client/informer.ts";
import type { EventRecorder, Informer, KubernetesClient } from "../../supervisor/client/types.ts";
import type { ImageService } from "../images/image-service.ts";
import type { PodNetwork } from "../network/pod-network.ts";
import type { PodSandboxConfig, Runtime } from "../runtime/runtime.ts";
import type { PodStreams } from "../server/pod-streams.ts";
import { apiConfigSource, apiRuntimeClassSource } from "./api-config-source.ts";
import { ContainerStarter } from "./containers/container-starter.ts";
import { serviceVariables } from "./containers/service-variables.ts";
import { HookRunner } from "./hooks/hook-runner.ts";
import { type ImageDisk, ImageGarbage } from "./images/image-garbage.ts";
import { ImagePuller } from "./images/image-puller.ts";
import { imagesOf } from "./images/images-of.ts";
import type { KubeletMetrics } from "./metrics/kubelet-metrics.ts";
import { NodeFit, type Rejection } from "./node/node-fit.ts";
import { podDialer } from "./pod-access/pod-dialer.ts";
import { removeStaleLogs } from "./pod-logs.ts";
import { BackOff } from "./pods/back-off.ts";
import type { Eviction } from "./pods/eviction.ts";
import { PodKiller } from "./pods/pod-killer.ts";
import { PodLifecycle } from "./pods/pod-lifecycle.ts";
import { PodSyncer } from "./pods/pod-syncer.ts";
import { PodWorkers } from "./pods/pod-workers.ts";
import { StatusManager } from "./pods/status-manager.ts";
import { TerminationMessages } from "./pods/termination-messages.ts";
import { ProbeManager } from "./probes/probe-manager.ts";
import { ProbeRunner } from "./probes/probe-runner.ts";
import { PodResizer } from "./resize/pod-resizer.ts";
import { builtInClasses, type MachineClasses } from "./runtime-classes/machine-class.ts";
import { podIdentity } from "./sandbox/pod-identity.ts";
import type { MachineSize } from "./sandbox/pod-resources.ts";
import { podLogDirectory } from "./sandbox/sandbox-config.ts";
import { SandboxStarter } from "./sandbox/sandbox-starter.ts";
import { SeccompFilters } from "./seccomp/seccomp-filters.ts";
import { SphereletStreams } from "./spherelet-streams.ts";
import { NodePods } from "./static-pods/node-pods.ts";
import { isStatic } from "./static-pods/pod-source.ts";
import { HostSnapshots } from "./volumes/host-snapshots.ts";
import { VolumeManager } from "./volumes/volume-manager.ts";

/** The kubelet's `MaxContainerBackOff`, and where it begins; images wait as long. */
const backOffInitialMs = 10_000;
const backOffMaxMs = 300_000;

export interface KubeletOptions {
  readonly nodeName: string;
  readonly hostAddress: string;
  readonly client: KubernetesClient;
  readonly recorder: EventRecorder;
  readonly runtime: Runtime;
  readonly images: ImageService;
  readonly metrics: KubeletMetrics;
  /** Absent with `--network none`. */
  readonly network?: PodNetwork;
  readonly clock: Clock;
  /** From 0 to below 1; `Math.random` by default. */
  readonly random?: () => number;
  readonly logger: Logger;
  /** The root of all logs; Pods' are under `pods`. */
  readonly logRoot: string;
  /** The folder of the host's own profiles of system calls. */
  readonly seccompRoot: string;
  /** The folder of volumes' snapshots. */
  readonly snapshotRoot: string;
  /** Patterns of sysctls that Pods may set beside the safe ones. */
  readonly allowedUnsafeSysctls?: readonly string[];
  readonly hostDns: PodSandboxConfig["dns"];
  readonly nodeSize: MachineSize;
  /** What machines there are beside the usual ones, by the handlers of RuntimeClasses. */
  readonly machineClasses?: MachineClasses;
  /** Files with registries' credentials for all Pods. */
  readonly credentialFiles: readonly string[];
  /** The file system that images are on. */
  readonly imageDisk: () => Promise<ImageDisk>;
  /** Records a warning about the node. */
  readonly warnOfNode: (reason: string, message: string) => void;
  /** What the node has for Pods, as quantities by resource. */
  readonly allocatable: () => Readonly<Record<string, string>>;
  /** The folder of static Pods' manifests. */
  readonly podManifestPath: string;
  /** Why a node that has too little left does not take the Pod. */
  readonly pressure?: (pod: V1Pod) => Rejection | undefined;
}

/** Runs the Pods that the API binds to this node. The runtime must have recovered before `run`. */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #pods: NodePods;
  readonly #services: Informer<V1Service>;
  readonly #status: StatusManager;
  readonly #garbage: ImageGarbage;
  #workers: PodWorkers | undefined;
  /** What the kubelet server needs. */
  readonly streams: PodStreams;
  readonly snapshots: HostSnapshots;

  constructor(options: KubeletOptions) {
    this.#options = options;
    const { client, clock, logger, runtime, logRoot, metrics } = options;
    const status = new StatusManager({ client, clock, logger, metrics });
    this.#status = status;
    this.#pods = new NodePods({ ...options, status });
    const services = { group: "", version: "v1", resource: "services" };
    this.#services = createInformer<V1Service>(client, services, {}, { clock, logger });
    const newest = (pod: V1Pod): V1Pod => status.newest(pod);
    const { images, imageDisk, warnOfNode: warn } = options;
    const used = (): Set<string> => this.#usedImages();
    this.#garbage = new ImageGarbage({
      images,
      used,
      disk: imageDisk,
      warn,
      collected: () => metrics.images.collected(),
      clock,
      logger,
    });
    this.streams = new SphereletStreams({ pods: this.#pods, runtime, logRoot, newest });
    this.snapshots = new HostSnapshots({ pods: this.#pods, runtime, folder: options.snapshotRoot, clock });
  }

  /** Ends a Pod though nobody deleted it; false where it ends already. */
  evict(pod: V1Pod, eviction: Eviction): boolean {
    return this.#workers?.evict(podIdentity(pod).uid, eviction) ?? false;
  }

  /** Removes the images that no Pod uses. */
  async freeImages(): Promise<void> {
    await this.#garbage.freeUnused();
  }

  /** Runs until the signal; what runs of Pods is left alone then. */
  async run(signal: AbortSignal): Promise<void> {
    const { runtime, clock, logger, metrics } = this.#options;
    signal.addEventListener("abort", () => this.#status.stop(), { once: true });
    const poke = (uid: string): void => workers.poke(uid);
    const volumes = this.#volumeManager(signal, poke);
    const { lifecycle, probes } = this.#lifecycle(volumes, poke);
    const workers = new PodWorkers({ work: metrics.work.measured(lifecycle), clock, logger, signal });
    this.#workers = workers;
    const unlisten = runtime.onEvent(({ sandboxId }) => {
      const uid = runtime.podSandboxStatus(sandboxId)?.metadata.uid;
      if (uid) workers.poke(uid);
    });
    const followingVolumes = volumes.run(signal);
    const work = {
      update: (pod: V1Pod) => {
        metrics.starts.update(pod);
        workers.update(pod);
        volumes.update(pod);
      },
      remove: (pod: V1Pod) => {
        metrics.starts.forget(podIdentity(pod).uid);
        volumes.forget(podIdentity(pod).uid);
        return workers.remove(pod);
      },
    };
    const informing = Promise.all([this.#pods.run(work, signal), this.#services.run(signal)]);
    await Promise.race([this.#pods.synced, informing]);
    if (!signal.aborted) this.#removeUnknown(workers);
    await Promise.all([informing, followingVolumes, this.#garbage.run(signal)]);
    unlisten();
    probes.stop();
    await workers.stopped();
  }

  /** What an earlier run left of Pods that the API has no more. */
  #removeUnknown(workers: PodWorkers): void {
    const { runtime, logRoot, logger } = this.#options;
    const known = new Set(this.#pods.list().map((pod) => podIdentity(pod).uid));
    for (const { metadata } of runtime.listPodSandboxes()) {
      if (known.has(metadata.uid)) continue;
      logger.info("Removing a Pod that the API does not have", {
        pod: metadata.name,
        namespace: metadata.namespace,
      });
      workers.adoptOrphan(metadata);
      known.add(metadata.uid);
    }
    removeStaleLogs(logRoot, known);
  }

  #usedImages(): Set<string> {
    const used = new Set(this.#options.runtime.listContainers().map(({ imageId }) => imageId));
    for (const pod of this.#pods.list()) for (const name of imagesOf(pod)) used.add(name);
    return used;
  }

  #volumeManager(signal: AbortSignal, retry: (uid: string) => void): VolumeManager {
    return new VolumeManager({ ...this.#options, random: Math.random, node: this.#node, retry, signal });
  }

  /** What Pods are told of the node. */
  readonly #node = () => {
    const { hostAddress, allocatable } = this.#options;
    return { hostAddress, nodeAllocatable: allocatable() };
  };

  #lifecycle(
    volumes: VolumeManager,
    changed: (uid: string) => void,
  ): { lifecycle: PodLifecycle; probes: ProbeManager } {
    const { client, recorder, runtime, images, network, clock, logRoot, metrics } = this.#options;
    const config = apiConfigSource(client);
    const dial = podDialer(runtime);
    const hooks = new HookRunner({ runtime, dial, recorder, clock });
    const runner = new ProbeRunner({ runtime, dial, recorder, clock });
    const probes = new ProbeManager({
      runner,
      metrics: metrics.probes,
      clock,
      random: this.#options.random ?? Math.random,
      changed,
    });
    const killer = new PodKiller({ runtime, recorder, network, logRoot, clock, hooks });
    const newBackOff = (): BackOff => new BackOff(clock, backOffInitialMs, backOffMaxMs);
    const { credentialFiles } = this.#options;
    const puller = new ImagePuller({
      images,
      recorder,
      clock,
      backOff: newBackOff(),
      config,
      credentialFiles,
      metrics,
    });
    const starter = new ContainerStarter({
      runtime,
      recorder,
      clock,
      backOff: newBackOff(),
      config,
      puller,
      services: async (pod) => {
        // A Pod of a file is not to wait for an API server that may be one itself, or not there.
        if (!isStatic(pod)) await this.#services.synced;
        const links = pod.spec?.enableServiceLinks ?? true;
        return serviceVariables(this.#services.list(), podIdentity(pod).namespace, links);
      },
      nodeName: this.#options.nodeName,
      seccomp: new SeccompFilters(this.#options.seccompRoot),
      nodeMemoryBytes: this.#options.nodeSize.memoryBytes,
      hooks,
      killer,
      node: this.#node,
      metrics: metrics.work,
    });
    const { allocatable, allowedUnsafeSysctls, pressure } = this.#options;
    const fit = new NodeFit(allocatable, allowedUnsafeSysctls, pressure);
    const resizer = new PodResizer({ runtime, recorder, fit, nodeSize: this.#options.nodeSize });
    const sandboxes = new SandboxStarter({
      machineClasses: builtInClasses,
      ...this.#options,
      network,
      puller,
      runtimeClass: apiRuntimeClassSource(client),
    });
    const syncer = new PodSyncer({
      ...this.#options,
      status: this.#status,
      starter,
      sandboxes,
      volumes,
      killer,
      probes,
      messages: new TerminationMessages((container, sandbox) =>
        join(podLogDirectory(logRoot, sandbox.metadata), container.logPath),
      ),
      fit,
      resizer,
    });
    return { lifecycle: new PodLifecycle(syncer, killer, client), probes };
  }
}
