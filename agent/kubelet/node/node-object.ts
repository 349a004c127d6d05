import type {
  V1ContainerImage,
  V1Node,
  V1NodeAddress,
  V1NodeStatus,
} from "../../../supervisor/api/generated/types.ts";
import { canonicalQuantity } from "../../../supervisor/apimachinery/quantity-format.ts";
import type { KubeletSettings } from "../../../supervisor/base/config/kubelet-settings.ts";
import { kubernetesVersion } from "../../../supervisor/base/version.ts";
import type { Image } from "../../images/image-service.ts";
import { parseThresholds } from "../eviction/thresholds.ts";
import { builtInClasses, type MachineClasses } from "../runtime-classes/machine-class.ts";
import { resourceAmount } from "../sandbox/pod-resources.ts";
import type { NodeFacts } from "./node-facts.ts";

/** The kubelet's `nodeStatusMaxImages`. */
const maxImages = 50;

export interface NodeIdentity {
  readonly name: string;
  readonly address: string;
  readonly accelerator: "kvm" | "tcg";
  readonly facts: NodeFacts;
  readonly settings: KubeletSettings;
  readonly machineClasses?: MachineClasses;
}

/** The labels that the node gives itself. */
export function nodeLabels({ name, accelerator, facts }: NodeIdentity): Record<string, string> {
  return {
    // Upstream's node controller gives every node the old names too, and old charts select by them.
    "beta.kubernetes.io/arch": facts.architecture,
    "beta.kubernetes.io/os": "linux",
    "kubernetes.io/arch": facts.architecture,
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "pacific.dev/accelerator": accelerator,
  };
}

/** The Node as it is first registered. */
export function newNode(identity: NodeIdentity, status: V1NodeStatus): V1Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: identity.name, labels: nodeLabels(identity) },
    spec: {},
    status,
  };
}

/** The part of the status that follows from what the box is. */
export function nodeStatus(identity: NodeIdentity): V1NodeStatus {
  const { facts, settings, machineClasses = builtInClasses } = identity;
  const { kubeletPort } = settings;
  return {
    addresses: nodeAddresses(identity),
    capacity: capacity(facts, settings),
    allocatable: allocatable(facts, settings),
    ...(kubeletPort !== undefined && { daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } } }),
    nodeInfo: {
      architecture: facts.architecture,
      bootID: facts.bootId,
      containerRuntimeVersion: "crx://0.1.0",
      kernelVersion: facts.kernelVersion,
      kubeProxyVersion: "",
      kubeletVersion: kubernetesVersion,
      machineID: facts.machineId,
      operatingSystem: "linux",
      osImage: facts.osImage,
      systemUUID: facts.systemUuid,
    },
    runtimeHandlers: [...machineClasses.keys()].sort().map((name) => ({
      name,
      features: { recursiveReadOnlyMounts: true, userNamespaces: true },
    })),
    features: { supplementalGroupsPolicy: true },
  };
}

function nodeAddresses({ name, address }: NodeIdentity): V1NodeAddress[] {
  return [
    { type: "InternalIP", address },
    { type: "Hostname", address: name },
  ];
}

function capacity(facts: NodeFacts, { maxPods }: KubeletSettings): Record<string, string> {
  return {
    cpu: String(facts.cpuCount),
    "ephemeral-storage": `${Math.floor(facts.diskBytes / 1024)}Ki`,
    memory: `${Math.floor(facts.memoryBytes / 1024)}Ki`,
    pods: String(maxPods),
  };
}

/** What Pods may request: all but what is reserved, and what a hard eviction keeps free (kubelet `GetNodeAllocatable`). */
export function allocatable(facts: NodeFacts, settings: KubeletSettings): Record<string, string> {
  const { kubeReserved, systemReserved } = settings;
  const keptFree = hardThresholds(facts, settings);
  const left = (name: string, total: number): number => {
    const reserved = [kubeReserved[name], systemReserved[name]].map((text) =>
      resourceAmount(name, text ?? "0"),
    );
    const kept = reserved.reduce((sum, amount) => sum + amount, keptFree.get(name) ?? 0);
    return Math.max(0, total - kept);
  };
  const cpuMillis = left("cpu", facts.cpuCount * 1000);
  return {
    cpu: canonicalQuantity(`${cpuMillis}m`),
    "ephemeral-storage": String(Math.floor(left("ephemeral-storage", facts.diskBytes))),
    memory: `${Math.floor(left("memory", facts.memoryBytes) / 1024)}Ki`,
    pods: String(settings.maxPods),
  };
}

function hardThresholds(facts: NodeFacts, settings: KubeletSettings): Map<string, number> {
  const capacities = new Map([
    ["memory.available", ["memory", facts.memoryBytes] as const],
    ["nodefs.available", ["ephemeral-storage", facts.diskBytes] as const],
  ]);
  const kept = new Map<string, number>();
  for (const { signal, amount, isHard } of parseThresholds(settings)) {
    const [name, capacityOf] = capacities.get(signal) ?? [];
    if (isHard && name !== undefined && capacityOf !== undefined) kept.set(name, amount(capacityOf));
  }
  return kept;
}

/** The images on the host as a Node lists them, the largest first. */
export function nodeImages(images: readonly Image[]): V1ContainerImage[] {
  return [...images]
    .sort((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, maxImages)
    .map(({ repoDigests, repoTags, sizeBytes }) => ({ names: [...repoDigests, ...repoTags], sizeBytes }));
}
