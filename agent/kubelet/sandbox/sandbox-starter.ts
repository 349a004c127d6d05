import { existsSync, mkdirSync, readFileSync } from "node:fs";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { asError } from "../../../supervisor/base/errors.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { EventRecorder } from "../../../supervisor/client/types.ts";
import type { PodNetwork } from "../../network/pod-network.ts";
import type { PodSandboxConfig, PodSandboxStatus, Runtime } from "../../runtime/runtime.ts";
import type { ImagePuller } from "../images/image-puller.ts";
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
  /** Absent with `--network none`. */
  readonly network: PodNetwork | undefined;
  readonly logRoot: string;
  readonly hostDns: PodSandboxConfig["dns"];
  readonly nodeName: string;
  readonly nodeSize: MachineSize;
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
    const { network, recorder, logger } = this.#options;
    const { uid, name, namespace } = podIdentity(pod);
    if (attempt > 0) {
      const text = "Pod sandbox changed, it will be killed and re-created.";
      recorder.event(pod, "Normal", "SandboxChanged", text);
    }
    try {
      return await this.#run(pod, attempt, signal);
    } catch (error) {
      await network?.detach(sandboxKey(uid, attempt));
      if (signal.aborted) return undefined;
      const cause = asError(error);
      logger.warn("Cannot create the sandbox of a Pod", { pod: name, namespace, error: cause });
      const text = `Failed to create pod sandbox: ${cause.message}`;
      recorder.event(pod, "Warning", "FailedCreatePodSandBox", text);
      return undefined;
    }
  }

  async #run(pod: V1Pod, attempt: number, signal: AbortSignal): Promise<PodSandboxStatus> {
    const { runtime, network, puller, logRoot, nodeName, nodeSize, runtimeClass, machineClasses } =
      this.#options;
    const identity = podIdentity(pod);
    const logDirectory = podLogDirectory(logRoot, identity);
    mkdirSync(logDirectory, { recursive: true });
    const machineClass = await machineClassOf(pod, runtimeClass, machineClasses);
    const [attached, imageDiskPaths] = await Promise.all([
      network?.attach(sandboxKey(identity.uid, attempt), podHostPorts(pod)),
      puller.presentDisks(pod),
    ]);
    const input = {
      pod,
      attempt,
      network: attached,
      logDirectory,
      dns: this.#dns(pod),
      nodeName,
      nodeHosts: nodeHosts(),
      nodeSize,
      machineClass,
      imageDiskPaths,
    };
    return await runtime.runPodSandbox(sandboxConfig(input), signal);
  }

  #dns(pod: V1Pod): PodSandboxConfig["dns"] {
    const { hostDns, recorder } = this.#options;
    const { dns, omitted } = limitDns(podDns(pod, hostDns));
    for (const text of omitted) recorder.event(pod, "Warning", "DNSConfigForming", text);
    return dns;
  }
}

function nodeHosts(): string {
  return existsSync("/etc/hosts") ? readFileSync("/etc/hosts", "utf8") : "";
}
