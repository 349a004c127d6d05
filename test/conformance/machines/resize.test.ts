/** Containers whose resources change while they run: the Pod's status follows, and so do their control groups. */
import { expect } from "bun:test";
import type {
  V1Container,
  V1ContainerResizePolicy,
  V1Pod,
  V1ResourceRequirements,
} from "../../../supervisor/api/generated/types.ts";
import { quantityMillis, quantityValue } from "../../../supervisor/apimachinery/quantity.ts";
import { MachineCluster, useMachines } from "../support/machine-cluster.ts";
import { PodSeries } from "../support/pod-series.ts";

const machines = useMachines(import.meta.path);
const series = new PodSeries(machines);
const { image } = MachineCluster;

interface Sized {
  readonly name: string;
  readonly resources?: V1ResourceRequirements;
  readonly resizePolicy?: readonly V1ContainerResizePolicy[];
}

function amounts(cpuRequest: string, cpuLimit: string, memoryRequest: string, memoryLimit: string) {
  const list = (cpu: string, memory: string): Record<string, string> => ({
    ...(cpu && { cpu }),
    ...(memory && { memory }),
  });
  return { requests: list(cpuRequest, memoryRequest), limits: list(cpuLimit, memoryLimit) };
}

const guaranteed = (cpu: string, memory: string): V1ResourceRequirements => amounts(cpu, cpu, memory, memory);
const restartFor = (...resourceNames: string[]): V1ContainerResizePolicy[] =>
  resourceNames.map((resourceName) => ({ resourceName, restartPolicy: "RestartContainer" }));

function containers(sizes: readonly Sized[]): V1Container[] {
  const command = ["sh", "-c", "trap 'exit 0' TERM; sleep 1000000 & wait"];
  return sizes.map(({ name, resources = {}, resizePolicy }) => ({
    ...{ name, image, command, resources },
    ...(resizePolicy && { resizePolicy }),
  }));
}

/** Waits until the status says that the resize is done, and looks into the containers. */
async function hasGot(
  namespace: string,
  sizes: readonly Sized[],
  restarts: Record<string, number>,
): Promise<void> {
  const pod = await machines.until(namespace, "sized", "has been resized", (it) =>
    isDone(it, sizes, restarts),
  );
  for (const { name, resources = {} } of sizes) {
    const status = pod.status?.containerStatuses?.find((one) => one.name === name);
    expect([name, status?.restartCount]).toEqual([name, restarts[name] ?? 0]);
    await groupHas(namespace, name, resources);
  }
}

function isDone(pod: V1Pod, sizes: readonly Sized[], restarts: Record<string, number>): boolean {
  const { conditions = [], containerStatuses = [], observedGeneration } = pod.status ?? {};
  if (conditions.some(({ type }) => type.startsWith("PodResize"))) return false;
  if (observedGeneration !== pod.metadata?.generation) return false;
  return sizes.every(({ name, resources = {} }) => {
    const status = containerStatuses.find((one) => one.name === name);
    if (!status?.state?.running || status.restartCount < (restarts[name] ?? 0)) return false;
    return (["requests", "limits"] as const).every((kind) =>
      Object.entries(resources[kind] ?? {}).every(
        ([resource, text]) => status.resources?.[kind]?.[resource] === text,
      ),
    );
  });
}

async function groupHas(namespace: string, name: string, resources: V1ResourceRequirements): Promise<void> {
  const files = ["cpu.max", "cpu.weight", "memory.max"].map((file) => `/sys/fs/cgroup/${file}`);
  const command = ["exec", "sized", "-c", name, "--", "cat", ...files];
  const { stdout } = await machines.cluster.kubectl("-n", namespace, ...command);
  const { limits = {}, requests = {} } = resources;
  const quota = Math.max(1000, quantityMillis(limits.cpu ?? "0") * 100);
  const [cpuMax, weight, memoryMax] = stdout.trim().split("\n");
  expect(cpuMax).toBe(limits.cpu ? `${quota} 100000` : "max 100000");
  expect(memoryMax).toBe(limits.memory ? String(quantityValue(limits.memory)) : "max");
  if (requests.cpu) expect(Number(weight)).toBe(weightOf(quantityMillis(requests.cpu)));
}

/** The OCI runtimes' conversion of a request to `cpu.weight`. */
function weightOf(cpuMillis: number): number {
  const log = Math.log2(Math.max(2, Math.floor((cpuMillis * 1024) / 1000)));
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

interface Resize {
  readonly before: readonly Sized[];
  readonly after: readonly Sized[];
  readonly restarts?: Record<string, number>;
}

function resizes(
  name: string,
  { before, after, restarts = {} }: Resize,
  how: "patch" | "replace" = "patch",
): void {
  const prepare = (namespace: string): Promise<unknown> =>
    machines.create(namespace, "sized", { containers: containers(before) });
  series.conformanceTest(name, prepare, async (namespace) => {
    await machines.ready(namespace, "sized");
    await hasGot(namespace, before, {});
    await resize(namespace, after, how);
    await hasGot(namespace, after, restarts);
    if (how === "replace") return;
    await resize(namespace, before, how);
    await hasGot(namespace, before, twice(restarts));
  });
}

function twice(restarts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(restarts).map(([name, count]) => [name, 2 * count]));
}

async function resize(namespace: string, sizes: readonly Sized[], how: "patch" | "replace"): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods/sized/resize`;
  const changed = sizes.map(({ name, resources = {} }) => ({ name, resources }));
  if (how === "patch") {
    await machines.api.patch(path, { spec: { containers: changed } }, "strategic-merge-patch");
    return;
  }
  await machines.api.update<V1Pod>(path, (pod) => ({
    ...pod,
    spec: {
      ...pod.spec,
      containers: (pod.spec?.containers ?? []).map((one) => ({
        ...one,
        ...changed.find(({ name }) => name === one.name),
      })),
    },
  }));
}

const three = (...sizes: ReadonlyArray<readonly [string, string]>): Sized[] =>
  sizes.map(([cpu, memory], index) => ({ name: `c${index + 1}`, resources: guaranteed(cpu, memory) }));

resizes(
  "[sig-node] Pod InPlace Resize Container guaranteed pods with multiple containers 3 containers - increase cpu & mem on c1, c2, decrease cpu & mem on c3 - net increase [MinimumKubeletVersion:1.34] [Conformance]",
  {
    before: three(["50m", "20Mi"], ["52m", "21Mi"], ["55m", "22Mi"]),
    after: three(["62m", "25Mi"], ["65m", "26Mi"], ["50m", "20Mi"]),
  },
);
resizes(
  "[sig-node] Pod InPlace Resize Container guaranteed pods with multiple containers 3 containers - increase cpu & mem on c1, decrease cpu & mem on c2, c3 - net decrease [MinimumKubeletVersion:1.34] [Conformance]",
  {
    before: three(["50m", "20Mi"], ["62m", "25Mi"], ["65m", "26Mi"]),
    after: three(["55m", "22Mi"], ["50m", "20Mi"], ["52m", "21Mi"]),
  },
);
resizes(
  "[sig-node] Pod InPlace Resize Container guaranteed pods with multiple containers 3 containers - increase: CPU (c1,c3), memory (c2, c3) ; decrease: CPU (c2) [MinimumKubeletVersion:1.34] [Conformance]",
  {
    before: three(["50m", "20Mi"], ["62m", "21Mi"], ["55m", "22Mi"]),
    after: three(["60m", "20Mi"], ["50m", "25Mi"], ["65m", "26Mi"]),
  },
);

const restartsBoth = restartFor("cpu", "memory");
resizes(
  "[sig-node] Pod InPlace Resize Container burstable pods - extended 6 containers - various operations performed (including adding limits and requests) [MinimumKubeletVersion:1.34] [Conformance]",
  {
    before: [
      { name: "c1", resources: amounts("50m", "75m", "20Mi", "30Mi") },
      { name: "c2", resources: amounts("50m", "75m", "20Mi", "30Mi"), resizePolicy: restartsBoth },
      { name: "c3", resources: amounts("50m", "75m", "20Mi", "30Mi") },
      { name: "c4", resources: amounts("50m", "", "20Mi", "") },
      { name: "c5", resources: amounts("50m", "75m", "20Mi", "30Mi"), resizePolicy: restartFor("memory") },
      { name: "c6" },
    ],
    after: [
      { name: "c1", resources: amounts("62m", "87m", "25Mi", "35Mi") },
      { name: "c2", resources: amounts("62m", "87m", "25Mi", "35Mi"), resizePolicy: restartsBoth },
      { name: "c3", resources: amounts("37m", "62m", "15Mi", "25Mi") },
      { name: "c4", resources: amounts("50m", "75m", "20Mi", "30Mi") },
      { name: "c5", resources: amounts("37m", "62m", "20Mi", "30Mi"), resizePolicy: restartFor("memory") },
      { name: "c6", resources: amounts("50m", "", "20Mi", "") },
    ],
    restarts: { c2: 1 },
  },
  "replace",
);
resizes(
  "[sig-node] Pod InPlace Resize Container burstable pods - extended resize with equivalents [MinimumKubeletVersion:1.34] [Conformance]",
  {
    before: [
      { name: "c1", resources: amounts("2m", "10m", "20Mi", "30Mi") },
      { name: "c2", resources: amounts("50m", "75m", "20Mi", "30Mi") },
    ],
    after: [
      { name: "c1", resources: amounts("1m", "5m", "20Mi", "30Mi") },
      { name: "c2", resources: amounts("50m", "75m", "20Mi", "40Mi") },
    ],
  },
);
resizes(
  "[sig-node] Pod InPlace Resize Container resize pod via the replace endpoint [MinimumKubeletVersion:1.34] [Conformance]",
  {
    before: [{ name: "c1", resources: guaranteed("50m", "20Mi") }],
    after: [{ name: "c1", resources: guaranteed("75m", "30Mi") }],
  },
  "replace",
);
