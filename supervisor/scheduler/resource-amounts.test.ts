import { expect, test } from "bun:test";
import type { V1Container, V1PodSpec } from "../api/generated/types.ts";
import { podRequests } from "./resource-amounts.ts";

function container(cpu: string, restartPolicy?: string): V1Container {
  const more = restartPolicy === undefined ? {} : { restartPolicy };
  return { name: "c", resources: { requests: { cpu } }, ...more };
}

function cpuOf(spec: V1PodSpec): number | undefined {
  return podRequests({ spec }).exact.get("cpu");
}

test("podRequests takes the larger of the containers' sum and the largest init container", () => {
  expect(cpuOf({ containers: [container("1"), container("500m")] })).toBe(1500);
  expect(cpuOf({ containers: [container("1")], initContainers: [container("2"), container("3")] })).toBe(
    3000,
  );
});

test("podRequests counts sidecars with the containers and with the init containers after them", () => {
  const initContainers = [container("1", "Always"), container("3")];
  expect(cpuOf({ containers: [container("1")], initContainers })).toBe(4000);
  expect(cpuOf({ containers: [container("5")], initContainers })).toBe(6000);
});

test("podRequests adds the overhead, and lets the Pod's own request count instead of its containers'", () => {
  const overhead = { cpu: "250m" };
  expect(cpuOf({ containers: [container("1")], overhead })).toBe(1250);
  expect(cpuOf({ containers: [container("1")], overhead, resources: { requests: { cpu: "2" } } })).toBe(2250);
});

test("podRequests assumes something for containers without a request, for comparing only", () => {
  const { exact, assumed } = podRequests({ spec: { containers: [{ name: "c" }] } });
  expect([...exact]).toEqual([]);
  expect(assumed.get("cpu")).toBe(100);
});
