import { clockSleep } from "../../supervisor/base/clock.ts";
import { asError } from "../../supervisor/base/errors.ts";
import { Backoff } from "../../supervisor/client/backoff.ts";
import { BridgeNetwork } from "../network/bridge-network.ts";
import type { PodNetwork } from "../network/pod-network.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { HostError } from "./host-error.ts";
import type { NodeAgent } from "./node/node-agent.ts";
import { waitForPodCidr } from "./node/pod-cidr.ts";
import { storedPodCidr, storePodCidr } from "./node/stored-pod-cidr.ts";
import { NodeParts } from "./node-parts.ts";
import { together } from "./pods/together.ts";
import { sandboxKey } from "./sandbox/sandbox-config.ts";
import type { SphereletOptions } from "./spherelet-options.ts";

/**
 * The Spherelet behind a connection to an API server: the Node and its Lease first, then the network, then Pods, and
 * only then is the Node ready. Where the API server is not there, Pods of manifests run at once, in the range that the node had
 * before. Runs until the signal and leaves the machines of Pods alone then.
 */
export async function runSpherelet(options: SphereletOptions, signal: AbortSignal): Promise<void> {
  const parts = new NodeParts(options, signal);
  const { node } = parts;
  const registered = Promise.withResolvers<undefined>();
  const isAway = Promise.withResolvers<string>();
  const known = options.networkMode === "none" ? "none" : storedPodCidr(options.dataDir);
  await together(signal, [
    async (stopped) => {
      await node.register(stopped, () => known !== undefined && isAway.resolve(known));
      registered.resolve(undefined);
      if (!stopped.aborted) await node.run(stopped);
    },
    async (stopped) => {
      const knownCidr = await Promise.race([registered.promise, isAway.promise]);
      if (stopped.aborted) return;
      await together(stopped, [
        (inner) => runPods(options, parts, knownCidr, inner),
        (inner) => checkPodCidr(options, knownCidr, registered.promise, inner),
      ]);
    },
  ]);
}

async function runPods(
  options: SphereletOptions,
  parts: NodeParts,
  knownCidr: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { node, eviction, shutdown } = parts;
  const network = await openNetwork(options, node, knownCidr, signal);
  if (signal.aborted) return;
  const kubelet = parts.makeKubelet(network);
  node.setReady(undefined);
  options.onReady?.();
  const { serve } = options;
  const { streams, snapshots } = kubelet;
  await snapshots.sweep();
  const source = { streams, snapshots, reports: parts.reports };
  await together(signal, [
    (stopped) => kubelet.run(stopped),
    (stopped) => eviction.run(stopped),
    (stopped) => shutdown.run(stopped),
    ...(serve ? [(stopped: AbortSignal) => serve(source, stopped)] : []),
  ]);
}

/** Ends a host that took up its former range while the API server was away, where its Node has another one by now. */
async function checkPodCidr(
  { networkMode, client, nodeName, clock, logger, dataDir }: SphereletOptions,
  knownCidr: string | undefined,
  registered: Promise<undefined>,
  signal: AbortSignal,
): Promise<void> {
  if (networkMode === "none" || knownCidr === undefined) return;
  await registered;
  if (signal.aborted) return;
  const podCidr = await waitForPodCidr(client, nodeName, { clock, logger }, signal);
  if (podCidr === knownCidr) return;
  await storePodCidr(dataDir, podCidr);
  throw new HostError(
    `Node ${nodeName} has the Pod range ${podCidr} now, and this host began with ${knownCidr}: start it again`,
  );
}

/** Opens the Pods' network, which needs the node's Pod range; until it stands the Node says why it is not ready. */
async function openNetwork(
  options: SphereletOptions,
  node: NodeAgent,
  knownCidr: string | undefined,
  signal: AbortSignal,
): Promise<PodNetwork | undefined> {
  const { networkMode, nodeName, address, client, clock, logger, dataDir, networkTools, runtime } = options;
  if (networkMode === "none") return undefined;
  const backoff = new Backoff({ initialMs: 1000, maxMs: 30_000 });
  node.setReady(notReady("the node has no podCIDR yet"));
  while (!signal.aborted) {
    try {
      const podCidr = knownCidr ?? (await waitForPodCidr(client, nodeName, { clock, logger }, signal));
      const opened = await BridgeNetwork.open({
        podCidr,
        hostAddress: address,
        dataDir,
        tools: networkTools,
        logger,
      });
      await storePodCidr(dataDir, podCidr);
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
