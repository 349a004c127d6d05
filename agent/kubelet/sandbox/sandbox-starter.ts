import { existsSync, mkdirSync, readFileSync } from "node:fs";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { quantityValue } from "../../../supervisor/apimachinery/quantity.ts";
import { asError } from "../../../supervisor/base/errors.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { EventRecorder } from "../../../supervisor/client/types.ts";
import type { PodNetwork } from "../../network/pod-network.ts";
import type { PodSandboxConfig, PodSandboxStatus, Runtime, SpareMachine } from "../../runtime/runtime.ts";
import type { ImagePuller } from "../images/image-puller.ts";
import type { KubeletMetrics } from "../metrics/kubelet-metrics.ts";
import type { MachineClasses } from "../runtime-classes/machine-class.ts";
import { machineClassOf, type RuntimeClassSource } from "../runtime-classes/machine-class-of.ts";
import { limitDns } from "./dns-limits.ts";
import { podDns } from "./pod-dns.ts";
import { podHostPorts } from "./pod-host-ports.ts";
import { podIdentity } from "./pod-identity.ts";
import type { MachineSize } from "./pod-resources.ts";
import { podLogDirectory, sandboxConfig, sandboxKey } from "./sandbox-config.ts";

export interface SandboxStarterOptions {
  readonly runtime: Runtime;
  readonly recorder: EventRecorder;
  readonly logger: Logger;
  readonly puller: ImagePuller;
  readonly metrics: Pick<KubeletMetrics, "work">;
  /** Absent with `--network none`. */
  readonly network: PodNetwork | undefined;
  readonly logRoot: string;
  readonly hostDns: PodSandboxConfig["dns"];
  readonly nodeName: string;
  readonly nodeSize: MachineSize;
  /** What the node has for Pods, as quantities by resource. */
  readonly allocatable: () => Readonly<Record<string, string>>;
  readonly machineClasses: MachineClasses;
  readonly runtimeClass: RuntimeClassSource;
}

/** Makes a Pod's machine: its network first, then the sandbox. What fails leaves nothing. */
export class SandboxStarter {
  readonly #options: SandboxStarterOptions;

  constructor(options: SandboxStarterOptions) {
    this.#options = options;
  }

  /** The sandbox that runs; undefined where it could not be made, which an event tells. */
  async start(pod: V1Pod, attempt: number, signal: AbortSignal): Promise<PodSandboxStatus | undefined> {
    const { network, recorder, logger, metrics } = this.#options;
    const { uid, name, namespace } = podIdentity(pod);
    if (attempt > 0) {
      const text = "Pod sandbox changed, it will be killed and re-created.";
      recorder.event(pod, "Normal", "SandboxChanged", text);
    }
    metrics.work.sandboxStarts();
    try {
      const sandbox = await this.#run(pod, attempt, signal);
      if (sandbox.storageProblem) {
        const text = `The Pod's files and emptyDir volumes are in the machine's memory: ${sandbox.storageProblem}`;
        recorder.event(pod, "Warning", "FailedPodDisk", text);
      }
      return sandbox;
    } catch (error) {
      await network?.detach(sandboxKey(uid, attempt));
      if (signal.aborted) return undefined;
      metrics.work.sandboxFailed();
      const cause = asError(error);
      logger.warn("Cannot create the sandbox of a Pod", { pod: name, namespace, error: cause });
      const text = `Failed to create pod sandbox: ${cause.message}`;
      recorder.event(pod, "Warning", "FailedCreatePodSandBox", text);
      return undefined;
    }
  }

  /** In a machine that waits for a Pod, if there is one; when that fails, in another. */
  async #run(pod: V1Pod, attempt: number, signal: AbortSignal): Promise<PodSandboxStatus> {
    const { runtime, network, puller, logger } = this.#options;
    const config = await this.#config(pod, attempt);
    mkdirSync(config.logDirectory, { recursive: true });
    const spare = await runtime.takeSpareMachine(config);
    if (spare) {
      try {
        return await this.#runSpare(pod, config, spare, signal);
      } catch (error) {
        await Promise.all([spare.discard(), network?.detach(keyOf(config))]);
        signal.throwIfAborted();
        logger.warn("A machine that waited for a Pod failed: another is made", { error: asError(error) });
      }
    }
    const [attached, imageDiskPaths] = await Promise.all([
      network?.attach(keyOf(config), podHostPorts(pod)),
      puller.presentDisks(pod),
    ]);
    const whole = { ...config, ...(attached && { network: attached }), imageDiskPaths };
    return await runtime.runPodSandbox(whole, signal);
  }

  /** The machine becomes the Pod's while its tap comes to its place. When it throws, the Pod has no sandbox. */
  async #runSpare(
    pod: V1Pod,
    config: Omit<PodSandboxConfig, "network">,
    spare: SpareMachine,
    signal: AbortSignal,
  ): Promise<PodSandboxStatus> {
    const { runtime, network, puller } = this.#options;
    const imageDiskPaths = await puller.presentDisks(pod);
    const planned = network?.plan(keyOf(config));
    const [attached, ran] = await Promise.allSettled([
      network?.attach(keyOf(config), podHostPorts(pod), spare.tapName),
      spare.run({ ...config, ...(planned && { network: planned }), imageDiskPaths }, signal),
    ]);
    if (ran.status === "rejected") throw ran.reason;
    if (attached.status === "fulfilled") return ran.value;
    await runtime.removePodSandbox(ran.value.id);
    throw attached.reason;
  }

  async #config(pod: V1Pod, attempt: number): Promise<Omit<PodSandboxConfig, "network">> {
    const { logRoot, nodeName, nodeSize, allocatable, runtimeClass, machineClasses } = this.#options;
    return sandboxConfig({
      pod,
      attempt,
      logDirectory: podLogDirectory(logRoot, podIdentity(pod)),
      dns: this.#dns(pod),
      nodeName,
      nodeHosts: nodeHosts(),
      nodeSize,
      allocatableBytes: quantityValue(allocatable().memory ?? "0"),
      machineClass: await machineClassOf(pod, runtimeClass, machineClasses),
    });
  }

  #dns(pod: V1Pod): PodSandboxConfig["dns"] {
    const { hostDns, recorder } = this.#options;
    const { dns, omitted } = limitDns(podDns(pod, hostDns));
    for (const text of omitted) recorder.event(pod, "Warning", "DNSConfigForming", text);
    return dns;
  }
}

function keyOf({ metadata }: Pick<PodSandboxConfig, "metadata">): string {
  return sandboxKey(metadata.uid, metadata.attempt);
}

function nodeHosts(): string {
  return existsSync("/etc/hosts") ? readFileSync("/etc/hosts", "utf8") : "";
}
