import { expect, test } from "bun:test";
import type { V1Container, V1Pod, V1PodSpec } from "../../../supervisor/api/generated/types.ts";
import { containerResources, machineSize, podRequests } from "./pod-resources.ts";

const mebibyte = 1024 * 1024;
const node = { cpuCount: 4, memoryBytes: 8192 * mebibyte };

function pod(spec: Partial<V1PodSpec>): V1Pod {
  return { spec: { containers: [], ...spec } };
}

function container(limits: Record<string, string>, requests: Record<string, string> = {}): V1Container {
  return { name: "c", resources: { limits, requests } };
}

test("machineSize is the sum of the limits and the guest's own memory", () => {
  const size = machineSize(
    pod({
      containers: [container({ cpu: "1500m", memory: "100Mi" }), container({ cpu: "1", memory: "28Mi" })],
    }),
    node,
  );
  expect(size).toEqual({ cpuCount: 3, memoryBytes: 192 * mebibyte });
});

test("machineSize takes 256 MiB and one CPU for a container without limits, or its request if that is more", () => {
  expect(machineSize(pod({ containers: [container({})] }), node)).toEqual({
    cpuCount: 1,
    memoryBytes: 320 * mebibyte,
  });
  expect(machineSize(pod({ containers: [container({}, { cpu: "2", memory: "1Gi" })] }), node)).toEqual({
    cpuCount: 2,
    memoryBytes: 1088 * mebibyte,
  });
});

test("machineSize covers the largest init container, the Pod's own limits and no more CPUs than the node's", () => {
  const containers = [container({ cpu: "100m", memory: "64Mi" })];
  const initContainers = [container({ cpu: "16", memory: "512Mi" })];
  expect(machineSize(pod({ containers, initContainers }), node)).toEqual({
    cpuCount: 4,
    memoryBytes: 576 * mebibyte,
  });
  expect(machineSize(pod({ containers, resources: { limits: { cpu: "2", memory: "1Gi" } } }), node)).toEqual({
    cpuCount: 2,
    memoryBytes: 1088 * mebibyte,
  });
});

test("podRequests adds containers and overhead, and takes the larger of that and each init container", () => {
  const requests = podRequests(
    pod({
      containers: [container({ memory: "1Gi" }, { cpu: "100m" }), container({}, { cpu: "200m" })],
      initContainers: [container({}, { cpu: "1", memory: "1Mi" })],
      overhead: { cpu: "50m", memory: "64Mi" },
    }),
  );
  expect(Object.fromEntries(requests)).toEqual({ cpu: 1050, memory: (1024 + 64) * mebibyte });
});

test("containerResources turns requests and limits into cgroup values", () => {
  expect(containerResources({}, container({ cpu: "500m", memory: "64Mi" }, { cpu: "1" }))).toEqual({
    cpuMillis: 500,
    cpuWeight: 100,
    memoryBytes: 64 * mebibyte,
  });
  expect(containerResources({}, { name: "c" })).toEqual({ cpuMillis: 0, cpuWeight: 1, memoryBytes: 0 });
  expect(containerResources({}, container({}, { cpu: "1000" })).cpuWeight).toBe(10_000);
});

test("podRequests and machineSize count sidecars with all that runs beside them", () => {
  const needs = (name: string, memory: string, restartPolicy?: string) => ({
    name,
    ...(restartPolicy && { restartPolicy }),
    resources: { requests: { memory }, limits: { memory } },
  });
  const mebibytes = (initContainers: ReturnType<typeof needs>[]) => {
    const pod = { spec: { initContainers, containers: [needs("web", "100Mi")] } };
    const { memoryBytes } = machineSize(pod, { cpuCount: 4, memoryBytes: 8 * 1024 ** 3 });
    return [(podRequests(pod).get("memory") ?? 0) / 1024 ** 2, memoryBytes / 1024 ** 2 - 64];
  };
  const sidecar = needs("proxy", "50Mi", "Always");
  expect(mebibytes([sidecar])).toEqual([150, 150]);
  expect(mebibytes([sidecar, needs("set-up", "120Mi")])).toEqual([170, 170]);
  expect(mebibytes([needs("set-up", "120Mi"), sidecar])).toEqual([150, 150]);
});
