import { existsSync } from "node:fs";
import { join } from "node:path";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import { type Clock, clockSleep } from "../../supervisor/base/clock.ts";
import type { KubeletSettings } from "../../supervisor/base/config/kubelet-settings.ts";
import { asError } from "../../supervisor/base/errors.ts";
import type { Logger } from "../../supervisor/base/logging.ts";
import { Backoff } from "../../supervisor/client/backoff.ts";
import { createEventRecorder } from "../../supervisor/client/event-recorder.ts";
import type { KubernetesClient } from "../../supervisor/client/types.ts";
import type { ImageService } from "../images/image-service.ts";
import { BridgeNetwork } from "../network/bridge-network.ts";
import type { HostTools } from "../network/host-tools.ts";
import type { PodNetwork } from "../network/pod-network.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { NodeReports } from "../server/node-reports.ts";
import type { PodStreams } from "../server/pod-streams.ts";
import { credentialFiles } from "./images/credential-files.ts";
import { diskSpace } from "./images/image-garbage.ts";
import { Kubelet } from "./kubelet.ts";
import { measurePressure } from "./node/host-pressure.ts";
import { kubeletConfiguration } from "./node/kubelet-configuration.ts";
import { NodeAgent } from "./node/node-agent.ts";
import type { NodeFacts } from "./node/node-facts.ts";
import { allocatable, nodeImages } from "./node/node-object.ts";
import { waitForPodCidr } from "./node/pod-cidr.ts";
import { together } from "./pods/together.ts";
import { hostDns } from "./sandbox/pod-dns.ts";
import { sandboxKey } from "./sandbox/sandbox-config.ts";
import { KubeletMetrics } from "./stats/kubelet-metrics.ts";
import { KubeletReports } from "./stats/kubelet-reports.ts";
import { StatsProvider } from "./stats/stats-provider.ts";
import { UsageReader } from "./stats/usage-reader.ts";

/** What a kubelet server serves. */
export interface KubeletSource {
  readonly streams: PodStreams;
  readonly reports: NodeReports;
}

export interface SphereletOptions {
  readonly nodeName: string;
  /** The node's address as others see it. */
  readonly address: string;
  readonly dataDir: string;
  /** `none`: Pods have their loopback only. */
  readonly networkMode: "auto" | "none";
  readonly networkTools: HostTools;
  readonly allowedUnsafeSysctls?: readonly string[];
  readonly client: KubernetesClient;
  /** It has recovered already. */
  readonly runtime: Runtime;
  readonly images: ImageService;
  readonly facts: NodeFacts;
  readonly settings: KubeletSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when Pods can run, with what a kubelet server needs; resolves when it has stopped. */
  readonly serve?: (source: KubeletSource, signal: AbortSignal) => Promise<void>;
  /** Called when the Node has been told that it is ready. */
  readonly onReady?: () => void;
}

/**
 * The Spherelet behind a connection to an API server: the Node and its Lease first, then the network, then Pods, and
 * only then is the Node ready. Runs until the signal and leaves the machines of Pods alone then.
 */
export async function runSpherelet(options: SphereletOptions, signal: AbortSignal): Promise<void> {
  const node = makeNodeAgent(options);
  await node.register(signal);
  if (signal.aborted) return;
  const runPods = async (stopped: AbortSignal): Promise<void> => {
    const network = await openNetwork(options, node, stopped);
    if (stopped.aborted) return;
    const kubelet = makeKubelet(options, network, stopped);
    node.setReady(undefined);
    options.onReady?.();
    const { serve } = options;
    const source = { streams: kubelet.streams, reports: makeReports(options, () => kubelet.streams.pods()) };
    await together(stopped, [
      (inner) => kubelet.run(inner),
      ...(serve ? [(inner: AbortSignal) => serve(source, inner)] : []),
    ]);
  };
  await together(signal, [(stopped) => node.run(stopped), runPods]);
}

function makeNodeAgent(options: SphereletOptions): NodeAgent {
  const { nodeName, address, client, clock, logger, facts, runtime, images, dataDir } = options;
  const accelerator = runtime.accelerator();
  return new NodeAgent({
    client,
    clock,
    logger,
    identity: { name: nodeName, address, accelerator: accelerator.kind, facts },
    accelerator,
    hasCgroupV2: existsSync("/sys/fs/cgroup/cgroup.controllers"),
    pressure: () => measurePressure(dataDir),
    images: async () => nodeImages(await images.listImages()),
  });
}

function makeReports(options: SphereletOptions, pods: () => readonly V1Pod[]): KubeletReports {
  const { nodeName, facts, runtime, dataDir, settings } = options;
  const reader = new UsageReader({ ...options, logRoot: join(dataDir, "logs") });
  return new KubeletReports({
    stats: new StatsProvider({ nodeName, facts, reader, pods }),
    metrics: new KubeletMetrics(nodeName, runtime),
    runtime,
    configuration: kubeletConfiguration(settings, settings.podManifestPath ?? join(dataDir, "pod-manifests")),
  });
}

function makeKubelet(
  options: SphereletOptions,
  network: PodNetwork | undefined,
  signal: AbortSignal,
): Kubelet {
  const { nodeName, address, client, clock, logger, facts, dataDir } = options;
  const recorder = createEventRecorder(client, {
    component: "kubelet",
    host: nodeName,
    clock,
    logger,
    signal,
  });
  const forPods = allocatable(facts);
  return new Kubelet({
    ...options,
    ...(network && { network }),
    hostAddress: address,
    recorder,
    logRoot: join(dataDir, "logs"),
    seccompRoot: join(dataDir, "seccomp"),
    hostDns: hostDns(),
    nodeSize: facts,
    credentialFiles: credentialFiles(dataDir),
    imageSpace: () => diskSpace(dataDir),
    allocatable: () => forPods,
  });
}

/** Opens the Pods' network, which needs the node's Pod range; until it stands the Node says why it is not ready. */
async function openNetwork(
  options: SphereletOptions,
  node: NodeAgent,
  signal: AbortSignal,
): Promise<PodNetwork | undefined> {
  const { networkMode, nodeName, client, clock, logger, dataDir, networkTools, runtime } = options;
  if (networkMode === "none") return undefined;
  const backoff = new Backoff({ initialMs: 1000, maxMs: 30_000 });
  node.setReady(notReady("the node has no podCIDR yet"));
  while (!signal.aborted) {
    try {
      const podCidr = await waitForPodCidr(client, nodeName, { clock, logger }, signal);
      const opened = await BridgeNetwork.open({ podCidr, dataDir, tools: networkTools, logger });
      await opened.reconcile(readySandboxes(runtime));
      return opened;
    } catch (error) {
      if (signal.aborted) break;
      const cause = asError(error);
      logger.error("The network of Pods is not ready, trying again", { error: cause });
      node.setReady(notReady(cause.message));
      await clockSleep(clock, backoff.next(), signal);
    }
  }
  return undefined;
}

function readySandboxes(runtime: Runtime): Set<string> {
  const ready = runtime.listPodSandboxes().filter(({ state }) => state === "ready");
  return new Set(ready.map(({ metadata }) => sandboxKey(metadata.uid, metadata.attempt)));
}

function notReady(message: string): string {
  return `container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:${message}`;
}
