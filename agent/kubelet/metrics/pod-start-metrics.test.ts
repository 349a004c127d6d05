import { expect, test } from "bun:test";
import type { V1Pod, V1PodStatus } from "../../../supervisor/api/generated/types.ts";
import { MetricsRegistry } from "../../../supervisor/base/metrics/metrics-registry.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { metricValue } from "../../../test/framework/metric-value.ts";
import { PodStartMetrics } from "./pod-start-metrics.ts";

function start() {
  const clock = new FakeClock();
  const registry = new MetricsRegistry();
  const starts = new PodStartMetrics(registry, clock);
  const time = (beforeMs = 0): string => new Date(clock.now() - beforeMs).toISOString();
  const pod = (status: V1PodStatus = {}, createdAt = time()): V1Pod => ({
    metadata: { uid: "u", name: "p", namespace: "ns", creationTimestamp: createdAt },
    spec: { containers: [{ name: "one" }, { name: "two" }] },
    status,
  });
  const value = async (name: string, labels = ""): Promise<number> =>
    metricValue(await registry.text(), `kubelet_${name}`, labels);
  return { clock, registry, starts, time, pod, value };
}

function running(startedAt: string): V1PodStatus {
  const container = {
    image: "i",
    imageID: "",
    ready: true,
    restartCount: 0,
    state: { running: { startedAt } },
  };
  return { phase: "Running", startTime: startedAt, containerStatuses: [{ ...container, name: "one" }] };
}

test("a Pod's start is told from its first sight to the status that shows it started", async () => {
  const { clock, starts, time, pod, value } = start();
  const createdAt = time(2000);
  starts.update(pod({}, createdAt));
  expect(await value("containers_per_pod_count_sum")).toBe(2);
  await clock.advance(20);
  starts.workerStarts("u");
  starts.workerStarts("u");
  expect(await value("pod_worker_start_duration_seconds_sum")).toBe(0.02);
  starts.pullBegins("u");
  await clock.advance(3000);
  starts.pullEnds("u");
  const startedAt = time();
  const init = { startedAt: time(980), finishedAt: time(), exitCode: 0 };
  const initContainerStatuses = [
    { name: "i", image: "i", imageID: "", ready: true, restartCount: 0, state: { terminated: init } },
  ];
  const status = { ...running(startedAt), initContainerStatuses };
  starts.reported("u", status);
  starts.reported("u", status);
  expect(await value("pod_start_duration_seconds_count")).toBe(1);
  expect(await value("pod_start_duration_seconds_sum")).toBe(3.02);
  await clock.advance(1000);
  starts.update(pod(status, createdAt));
  const first = 'first_with_network="true"';
  expect(await value("pod_start_total_duration_seconds_sum", first)).toBe(6.02);
  expect(await value("pod_start_sli_duration_seconds_sum", first)).toBe(2.04);
  starts.update(pod(status, createdAt));
  expect(await value("pod_start_sli_duration_seconds_count", first)).toBe(1);
});

test("Pods of an earlier daemon, and those that end first, are not counted", async () => {
  const { starts, time, pod, value, registry } = start();
  const status = running(time());
  starts.update(pod(status));
  starts.reported("u", status);
  starts.update(pod(status));
  expect(await registry.text()).not.toContain("kubelet_pod_start");
  starts.forget("u");
  starts.update(pod());
  starts.update(pod({ phase: "Failed" }));
  starts.reported("u", status);
  expect(await value("containers_per_pod_count_count")).toBe(1);
  expect(await value("pod_start_duration_seconds_count")).toBeNaN();
});
