import { expect, test } from "bun:test";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { CertificateAuthority } from "../../../supervisor/base/pki/certificate-authority.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { FakeImages } from "../../../test/framework/fake-images.ts";
import { FakeRuntime } from "../../../test/framework/fake-runtime.ts";
import { metricValue } from "../../../test/framework/metric-value.ts";
import type { PodWork } from "../pods/pod-worker.ts";
import { addCertificateMetrics } from "./certificate-metrics.ts";
import { KubeletMetrics } from "./kubelet-metrics.ts";
import { addPodCounts } from "./pod-count-metrics.ts";
import { measuredTransport } from "./rest-client-metrics.ts";

const pod: V1Pod = {
  metadata: { uid: "u", name: "p", namespace: "ns", generation: 1 },
  spec: { containers: [{ name: "main" }], initContainers: [{ name: "first" }] },
};

function start() {
  const clock = new FakeClock();
  const metrics = new KubeletMetrics("n1", clock);
  const value = async (name: string, labels = ""): Promise<number> =>
    metricValue(await metrics.registry.text(), name, labels);
  return { clock, metrics, value };
}

test("an operation of the runtime is counted by the kubelet's name, with its time, and its failure too", async () => {
  const { clock, metrics, value } = start();
  const runtime = metrics.operations.runtime(new FakeRuntime(clock));
  expect(runtime.listPodSandboxes()).toEqual([]);
  await runtime.removePodSandbox("none");
  await expect(runtime.startContainer("none")).rejects.toThrow();
  const removed = 'operation_type="remove_podsandbox"';
  expect(await value("kubelet_runtime_operations_total", removed)).toBe(1);
  expect(await value("kubelet_runtime_operations_errors_total", removed)).toBeNaN();
  expect(await value("kubelet_runtime_operations_duration_seconds_count", removed)).toBe(1);
  expect(await value("kubelet_runtime_operations_errors_total", 'operation_type="start_container"')).toBe(1);
  await metrics.operations.images(new FakeImages()).listImages();
  expect(await value("kubelet_runtime_operations_total", 'operation_type="list_images"')).toBe(1);
});

test("a worker's steps are told apart by what they are for", async () => {
  const { clock, metrics, value } = start();
  const done = async (): Promise<void> => clock.advance(2000);
  const work: PodWork = {
    sync: async () => {
      await done();
      return { ended: false };
    },
    terminate: done,
    remove: async () => {},
    settle: async () => {},
    hurry: async () => {},
    giveUp: () => {},
    refresh: () => {},
  };
  const measured = metrics.work.measured(work);
  const { signal } = new AbortController();
  await measured.sync(pod, signal);
  await measured.sync({ ...pod, status: { phase: "Running" } }, signal);
  await measured.sync({ ...pod, metadata: { ...pod.metadata, generation: 2 } }, signal);
  await measured.terminate(pod, 1, false);
  for (const operation of ["create", "sync", "update", "kill"]) {
    const labels = `operation_type="${operation}"`;
    expect(await value("kubelet_pod_worker_duration_seconds_count", labels)).toBe(1);
    expect(await value("kubelet_pod_worker_duration_seconds_sum", labels)).toBe(2);
  }
});

test("containers that start are counted by their kind, and those that fail by why", async () => {
  const { metrics, value } = start();
  metrics.work.containerStarts(pod, { name: "first" });
  metrics.work.containerStarts(pod, { name: "main" });
  metrics.work.containerFailed(pod, { name: "main" }, "ErrImagePull");
  expect(await value("kubelet_started_containers_total", 'container_type="init_container"')).toBe(1);
  const failed = 'container_type="container",code="ErrImagePull"';
  expect(await value("kubelet_started_containers_errors_total", failed)).toBe(1);
  metrics.images.pulled(30 * 1024 ** 2, 4000);
  expect(await value("kubelet_image_pull_duration_seconds_sum", '"10MB-100MB"')).toBe(4);
});

test("probes have series as long as they run", async () => {
  const { clock, metrics } = start();
  const run = { pod, container: { name: "main" }, containerId: "c", sandboxId: "s" };
  const probe = { ...run, kind: "liveness", probe: {} } as const;
  const { signal } = new AbortController();
  await metrics.probes.measured(probe, async () => "success", signal);
  await metrics.probes.measured(probe, async () => undefined, signal);
  await metrics.probes.measured(probe, () => clock.advance(500).then(() => "failure" as const), signal);
  await metrics.probes.measured(probe, async () => "failure", AbortSignal.abort());
  const page = await metrics.probesRegistry.text();
  for (const result of ["successful", "unknown", "failed"]) {
    expect(metricValue(page, "prober_probe_total", `result="${result}"`)).toBe(1);
  }
  expect(page).toContain(
    'prober_probe_total{probe_type="Liveness",container="main",pod="p",namespace="ns",pod_uid="u",result="failed"} 1',
  );
  expect(metricValue(page, "prober_probe_duration_seconds_sum")).toBe(0.5);
  metrics.probes.forget(probe);
  expect(await metrics.probesRegistry.text()).toBe("\n");
});

test("requests to the API server are counted by what was answered", async () => {
  const { clock, metrics, value } = start();
  const answers = [new Response("{}", { status: 201 })];
  const fetch = async (): Promise<Response> => {
    await clock.advance(100);
    const answer = answers.pop();
    if (answer) return answer;
    throw new Error("no connection");
  };
  const transport = measuredTransport({ fetch }, metrics.registry, { host: "s:6443", clock });
  await transport.fetch("/api", { method: "POST" });
  await expect(transport.fetch("/api")).rejects.toThrow("no connection");
  expect(await value("rest_client_requests_total", 'code="201",host="s:6443",method="POST"')).toBe(1);
  expect(await value("rest_client_requests_total", 'code="<error>",host="s:6443",method="GET"')).toBe(1);
  expect(await value("rest_client_request_duration_seconds_sum", 'verb="GET"')).toBe(0.1);
});

test("certificates are told by the time that they are good yet", async () => {
  const { clock, metrics, value } = start();
  const authority = CertificateAuthority.create("ca", clock.now());
  addCertificateMetrics(metrics.registry, clock, {
    client: () => authority.certificatePem,
    server: () => undefined,
  });
  const left = await value("kubelet_certificate_manager_client_ttl_seconds");
  await clock.advance(60_000);
  expect(left - (await value("kubelet_certificate_manager_client_ttl_seconds"))).toBe(60);
  expect(await metrics.registry.text()).toContain("kubelet_certificate_manager_server_ttl_seconds +Inf");
});

test("Pods are counted by where they are from and whether they are over", async () => {
  const { clock, metrics, value } = start();
  const file = {
    ...pod,
    metadata: { ...pod.metadata, annotations: { "kubernetes.io/config.source": "file" } },
  };
  const pods = [pod, { ...pod, status: { phase: "Succeeded" } }, file];
  addPodCounts(metrics.registry, new FakeRuntime(clock), () => pods);
  expect(await value("kubelet_desired_pods", 'static=""')).toBe(2);
  expect(await value("kubelet_active_pods", 'static=""')).toBe(1);
  expect(await value("kubelet_active_pods", 'static="true"')).toBe(1);
  expect(await value("kubelet_mirror_pods")).toBe(1);
  expect(await value("kubelet_running_pods")).toBe(0);
});
