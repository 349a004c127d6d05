import type {
  V1ContainerImage,
  V1Node,
  V1NodeAddress,
  V1NodeStatus,
} from "../../../supervisor/api/generated/types.ts";
import { kubernetesVersion } from "../../../supervisor/base/version.ts";
import type { Image } from "../../images/image-service.ts";
import type { NodeFacts } from "./node-facts.ts";

/** The kubelet's default of `maxPods`. */
const maxPods = 110;
/** Memory that stays the host's: the kubelet's default threshold of `memory.available`. */
const reservedMemoryBytes = 100 * 1024 * 1024;
/** The share of the disk that Pods may fill: the kubelet's default threshold of `nodefs.available`. */
const diskShare = 0.9;
/** The kubelet's `nodeStatusMaxImages`. */
const maxImages = 50;

export interface NodeIdentity {
  readonly name: string;
  readonly address: string;
  readonly accelerator: "kvm" | "tcg";
  readonly facts: NodeFacts;
}

/** The labels that the node gives itself. */
export function nodeLabels({ name, accelerator, facts }: NodeIdentity): Record<string, string> {
  return {
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
export function nodeStatus(identity: NodeIdentity, kubeletPort: number | undefined): V1NodeStatus {
  const { facts } = identity;
  return {
    addresses: nodeAddresses(identity),
    capacity: capacity(facts),
    allocatable: allocatable(facts),
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
  };
}

function nodeAddresses({ name, address }: NodeIdentity): V1NodeAddress[] {
  return [
    { type: "InternalIP", address },
    { type: "Hostname", address: name },
  ];
}

function capacity(facts: NodeFacts): Record<string, string> {
  return {
    cpu: String(facts.cpuCount),
    "ephemeral-storage": `${Math.floor(facts.diskBytes / 1024)}Ki`,
    memory: `${Math.floor(facts.memoryBytes / 1024)}Ki`,
    pods: String(maxPods),
  };
}

/** What Pods may request. */
export function allocatable(facts: NodeFacts): Record<string, string> {
  return {
    cpu: String(facts.cpuCount),
    "ephemeral-storage": String(Math.floor(facts.diskBytes * diskShare)),
    memory: `${Math.floor(Math.max(0, facts.memoryBytes - reservedMemoryBytes) / 1024)}Ki`,
    pods: String(maxPods),
  };
}

/** The images on the host as a Node lists them, the largest first. */
export function nodeImages(images: readonly Image[]): V1ContainerImage[] {
  return [...images]
    .sort((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, maxImages)
    .map(({ repoDigests, repoTags, sizeBytes }) => ({ names: [...repoDigests, ...repoTags], sizeBytes }));
}
