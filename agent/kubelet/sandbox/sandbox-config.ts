import { join } from "node:path";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { PodSandboxConfig } from "../../runtime/runtime.ts";
import type { MachineClass } from "../runtime-classes/machine-class.ts";
import { kernelHostname, podHostNames } from "./pod-hostname.ts";
import { podIdentity, podLabels, resourcesAnnotation } from "./pod-identity.ts";
import {
  hasUnboundMemory,
  type MachineSize,
  machineSize,
  podCgroupResources,
  podCpuWeight,
} from "./pod-resources.ts";

export interface SandboxConfigInput {
  readonly pod: V1Pod;
  readonly attempt: number;
  readonly logDirectory: string;
  readonly dns: PodSandboxConfig["dns"];
  readonly nodeName: string;
  /** The node's `/etc/hosts`, which Pods of its network get. */
  readonly nodeHosts: string;
  readonly nodeSize: MachineSize;
  /** The node's memory that Pods may have. */
  readonly allocatableBytes: number;
  readonly machineClass?: MachineClass;
}

/** What the runtime needs to make the Pod's machine, but for its network and disks. */
export function sandboxConfig(input: SandboxConfigInput): Omit<PodSandboxConfig, "network"> {
  const { pod, attempt, logDirectory, dns, nodeName, nodeHosts, nodeSize, machineClass = {} } = input;
  const resources = podCgroupResources(pod);
  const sysctls = pod.spec?.securityContext?.sysctls ?? [];
  return {
    metadata: { ...podIdentity(pod), attempt },
    hostname: kernelHostname(pod, nodeName),
    hostNames: podHostNames(pod),
    ...(pod.spec?.hostNetwork && { nodeHosts }),
    labels: podLabels(pod),
    annotations: {
      ...pod.metadata?.annotations,
      [resourcesAnnotation]: JSON.stringify(pod.spec?.resources ?? {}),
    },
    dns,
    hostAliases: (pod.spec?.hostAliases ?? []).map(({ ip, hostnames = [] }) => ({ ip, hostnames })),
    ...machineSize(pod, nodeSize, machineClass),
    ...(hasUnboundMemory(pod) && { maxMemoryBytes: input.allocatableBytes }),
    ...(machineClass.kernel && { kernel: machineClass.kernel }),
    cpuWeight: podCpuWeight(pod),
    ...(resources && { resources }),
    logDirectory,
    sysctls: Object.fromEntries(sysctls.map(({ name, value }) => [name, value])),
  };
}

/** The folder of a Pod's logs, named as the kubelet names it under /var/log/pods. */
export function podLogDirectory(
  logRoot: string,
  identity: { namespace: string; name: string; uid: string },
): string {
  return join(logRoot, "pods", `${identity.namespace}_${identity.name}_${identity.uid}`);
}

/** The key under which the host's network knows a sandbox. */
export function sandboxKey(uid: string, attempt: number): string {
  return `${uid}_${attempt}`;
}
