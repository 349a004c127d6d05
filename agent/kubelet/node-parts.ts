import { join } from "node:path";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import { createEventRecorder } from "../../supervisor/client/event-recorder.ts";
import type { EventRecorder } from "../../supervisor/client/types.ts";
import type { PodNetwork } from "../network/pod-network.ts";
import { EvictionManager } from "./eviction/eviction-manager.ts";
import { observeHost } from "./eviction/observe-host.ts";
import { credentialFiles } from "./images/credential-files.ts";
import { Kubelet } from "./kubelet.ts";
import { addCertificateMetrics } from "./metrics/certificate-metrics.ts";
import { KubeletMetrics } from "./metrics/kubelet-metrics.ts";
import { addPodCounts } from "./metrics/pod-count-metrics.ts";
import { kubeletConfiguration } from "./node/kubelet-configuration.ts";
import { NodeAgent } from "./node/node-agent.ts";
import { allocatable, nodeImages } from "./node/node-object.ts";
import { podRuntimeState } from "./pods/pod-runtime-state.ts";
import { builtInClasses } from "./runtime-classes/machine-class.ts";
import { hostDns } from "./sandbox/pod-dns.ts";
import { logind } from "./shutdown/logind.ts";
import { ShutdownManager } from "./shutdown/shutdown-manager.ts";
import type { SphereletOptions } from "./spherelet-options.ts";
import { fileSystemUsage } from "./stats/host-usage.ts";
import { KubeletReports } from "./stats/kubelet-reports.ts";
import { StatsProvider } from "./stats/stats-provider.ts";
import { UsageReader } from "./stats/usage-reader.ts";

/** What a Spherelet is put together from: the node, what it tells of itself, its evictions, and at last its kubelet. */
export class NodeParts {
  readonly node: NodeAgent;
  readonly eviction: EvictionManager;
  readonly shutdown: ShutdownManager;
  readonly reports: KubeletReports;
  readonly #options: SphereletOptions;
  readonly #recorder: EventRecorder;
  readonly #stats: StatsProvider;
  readonly #metrics: KubeletMetrics;
  #kubelet: Kubelet | undefined;

  constructor(options: SphereletOptions, signal: AbortSignal) {
    const { nodeName, client, clock, logger, facts, dataDir, settings } = options;
    this.#metrics = new KubeletMetrics(nodeName, clock, options.metrics);
    const runtime = this.#metrics.operations.runtime(options.runtime);
    const images = this.#metrics.operations.images(options.images);
    this.#options = { ...options, runtime, images };
    const source = { component: "kubelet", host: nodeName };
    this.#recorder = createEventRecorder(client, { ...source, clock, logger, signal });
    const reader = new UsageReader({ ...this.#options, logRoot: join(dataDir, "logs") });
    this.#stats = new StatsProvider({ nodeName, facts, reader, pods: () => this.#pods() });
    const configuration = kubeletConfiguration(settings);
    this.reports = new KubeletReports({ stats: this.#stats, metrics: this.#metrics, runtime, configuration });
    const { clientCertificate = () => undefined } = options;
    const certificates = { client: clientCertificate, server: () => this.reports.servingCertificate };
    addCertificateMetrics(this.#metrics.registry, clock, certificates);
    addPodCounts(this.#metrics.registry, runtime, () => this.#pods());
    this.eviction = this.#makeEviction();
    this.shutdown = this.#makeShutdown();
    this.node = this.#makeNode();
  }

  /** Called once, when the network of Pods is there; without one with `--network none`. */
  makeKubelet(network: PodNetwork | undefined): Kubelet {
    const options = this.#options;
    const { address, facts, dataDir, settings } = options;
    const forPods = allocatable(facts, settings);
    this.#kubelet = new Kubelet({
      ...options,
      metrics: this.#metrics,
      ...(network && { network }),
      hostAddress: address,
      recorder: this.#recorder,
      logRoot: join(dataDir, "logs"),
      seccompRoot: join(dataDir, "seccomp"),
      snapshotRoot: join(dataDir, "snapshots"),
      hostDns: hostDns(),
      nodeSize: facts,
      credentialFiles: credentialFiles(dataDir),
      imageDisk: () => fileSystemUsage(dataDir),
      warnOfNode: (reason, message) => this.#tell("Warning", reason, message),
      allocatable: () => forPods,
      podManifestPath: settings.podManifestPath ?? join(dataDir, "pod-manifests"),
      pressure: (pod) => this.shutdown.admit() ?? this.eviction.admit(pod),
    });
    return this.#kubelet;
  }

  #makeNode(): NodeAgent {
    const { nodeName, address, client, clock, logger, facts, runtime, images, settings } = this.#options;
    const { machineClasses = builtInClasses } = this.#options;
    const accelerator = runtime.accelerator();
    return new NodeAgent({
      client,
      clock,
      logger,
      identity: { name: nodeName, address, accelerator: accelerator.kind, facts, settings, machineClasses },
      accelerator,
      isolation: runtime.isolation(),
      startMode: () => runtime.startMode(),
      pressure: () => this.eviction.conditions,
      notReady: () => this.shutdown.notReady,
      tell: (type, reason, message) => this.#tell(type, reason, message),
      images: async () => nodeImages(await images.listImages()),
    });
  }

  #makeEviction(): EvictionManager {
    const { runtime, dataDir, clock, logger, settings } = this.#options;
    return new EvictionManager({
      settings,
      observe: () => observeHost(dataDir, clock.now()),
      summary: () => this.#stats.summary(),
      pods: () => this.#pods().filter(isActive),
      evict: (pod, eviction) => this.#kubelet?.evict(pod, eviction) ?? false,
      freeMemory: () => runtime.endSpareMachines(),
      freeDisk: async () => await this.#kubelet?.freeImages(),
      tellNode: (reason, message) => this.#tell("Warning", reason, message),
      countEviction: (signal) => this.#metrics.countEviction(signal),
      onChange: () => this.node.look(),
      clock,
      logger,
    });
  }

  #makeShutdown(): ShutdownManager {
    const { runtime, clock, logger, settings } = this.#options;
    return new ShutdownManager({
      gracePeriodMs: settings.shutdownGracePeriodMs,
      criticalGracePeriodMs: settings.shutdownGracePeriodCriticalPodsMs,
      source: logind(),
      pods: () => this.#pods().filter(isActive),
      evict: (pod, eviction) => this.#kubelet?.evict(pod, eviction) ?? false,
      runs: ({ metadata }) =>
        podRuntimeState(runtime, metadata?.uid ?? "").sandboxes.some(({ state }) => state === "ready"),
      tellNode: (reason, message) => this.#tell("Normal", reason, message),
      onChange: () => this.node.look(),
      clock,
      logger,
    });
  }

  /** Upstream's events about a node have its name for its UID; kubectl describe looks for that. */
  #tell(type: "Normal" | "Warning", reason: string, message: string): void {
    const { nodeName } = this.#options;
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: nodeName, uid: nodeName } };
    this.#recorder.event(node, type, reason, message);
  }

  #pods(): readonly V1Pod[] {
    return this.#kubelet?.streams.pods() ?? [];
  }
}

function isActive({ status }: V1Pod): boolean {
  return status?.phase !== "Succeeded" && status?.phase !== "Failed";
}
