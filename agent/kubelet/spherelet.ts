import { clockSleep } from "../../supervisor/base/clock.ts";
import { asError } from "../../supervisor/base/errors.ts";
import { Backoff } from "../../supervisor/client/backoff.ts";
import { BridgeNetwork } from "../network/bridge-network.ts";
import type { PodNetwork } from "../network/pod-network.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { NodeAgent } from "./node/node-agent.ts";
import { waitForPodCidr } from "./node/pod-cidr.ts";
import { NodeParts } from "./node-parts.ts";
import { together } from "./pods/together.ts";
import { sandboxKey } from "./sandbox/sandbox-config.ts";
import type { SphereletOptions } from "./spherelet-options.ts";

/**
 * The Spherelet behind a connection to an API server: the Node and its Lease first, then the network, then Pods, and
 * only then is the Node ready. Runs until the signal and leaves the machines of Pods alone then.
 */
export async function runSpherelet(options: SphereletOptions, signal: AbortSignal): Promise<void> {
  const parts = new NodeParts(options, signal);
  const { node, eviction, shutdown } = parts;
  await node.register(signal);
  if (signal.aborted) return;
  const runPods = async (stopped: AbortSignal): Promise<void> => {
    const network = await openNetwork(options, node, stopped);
    if (stopped.aborted) return;
    const kubelet = parts.makeKubelet(network);
    node.setReady(undefined);
    options.onReady?.();
    const { serve } = options;
    const source = { streams: kubelet.streams, reports: parts.reports };
    await together(stopped, [
      (inner) => kubelet.run(inner),
      (inner) => eviction.run(inner),
      (inner) => shutdown.run(inner),
      ...(serve ? [(inner: AbortSignal) => serve(source, inner)] : []),
    ]);
  };
  await together(signal, [(stopped) => node.run(stopped), runPods]);
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
