import { expect, test } from "bun:test";
import type { V1ObjectMeta, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { InProcessTransport } from "../../../supervisor/client/in-process-transport.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { metricValue } from "../../../test/framework/metric-value.ts";
import { KubeletMetrics } from "../metrics/kubelet-metrics.ts";
import { StatusManager } from "./status-manager.ts";

/** The wire as a Pod's status sees it: one Pod, optimistic concurrency, faults on order. */
class OnePod {
  pod: V1Pod | undefined = {
    metadata: { name: "p", namespace: "ns", uid: "u", resourceVersion: "1" },
    status: { phase: "Pending", conditions: [{ type: "example.com/x", status: "True" }] },
  };
  readonly patches: object[] = [];
  failures = 0;

  async answer(request: Request): Promise<Response> {
    if (this.failures > 0) {
      this.failures--;
      return this.#status(500, "InternalError");
    }
    if (!this.pod) return this.#status(404, "NotFound");
    if (request.method === "GET") return Response.json(this.pod);
    // The manager's own patch: its shape is what the tests look at.
    const patch = (await request.json()) as { metadata: V1ObjectMeta; status: object };
    if (patch.metadata.resourceVersion !== this.pod.metadata?.resourceVersion)
      return this.#status(409, "Conflict");
    this.patches.push(patch.status);
    return Response.json(this.change({ ...this.pod.status, ...patch.status }));
  }

  change(status: object): V1Pod {
    const resourceVersion = String(Number(this.pod?.metadata?.resourceVersion) + 1);
    this.pod = { metadata: { ...this.pod?.metadata, resourceVersion }, status };
    return this.pod;
  }

  #status(code: number, reason: string): Response {
    return Response.json({ kind: "Status", code, reason, message: reason }, { status: code });
  }
}

function start() {
  const api = new OnePod();
  const clock = new FakeClock();
  const metrics = new KubeletMetrics("n1", clock);
  const manager = new StatusManager({
    client: createClient(new InProcessTransport((request) => api.answer(request), {})),
    clock,
    logger: new Logger("error", () => {}),
    metrics,
  });
  const known = (): V1Pod => {
    if (!api.pod) throw new Error("The Pod is gone");
    return api.pod;
  };
  return { api, clock, manager, metrics, pod: known() };
}

test("StatusManager sends what changed and nothing twice", async () => {
  const { api, manager, pod } = start();
  const status = { phase: "Running", podIP: "10.42.0.5" };
  manager.set(pod, status);
  await manager.flush("u");
  manager.set(pod, status);
  await manager.flush("u");
  expect(api.patches).toEqual([{ phase: "Running", podIP: "10.42.0.5" }]);
});

test("StatusManager keeps the conditions of others, also those written meanwhile", async () => {
  const { api, manager, pod } = start();
  api.change({ ...api.pod?.status, conditions: [{ type: "example.com/y", status: "True" }] });
  manager.set(pod, { phase: "Running", conditions: [{ type: "Ready", status: "True" }] });
  await manager.flush("u");
  expect(api.pod?.status?.conditions).toEqual([
    { type: "Ready", status: "True" },
    { type: "example.com/y", status: "True" },
  ]);
});

test("StatusManager tries again until the server takes the status", async () => {
  const { api, clock, manager, metrics, pod } = start();
  api.failures = 4;
  manager.set(pod, { phase: "Running" });
  await clock.advance(60_000);
  await manager.flush("u");
  expect(api.pod?.status?.phase).toBe("Running");
  const name = "kubelet_pod_status_sync_duration_seconds_sum";
  expect(metricValue(await metrics.registry.text(), name)).toBeGreaterThan(1);
});

test("StatusManager gives up on a Pod that is gone", async () => {
  const { api, manager, pod } = start();
  api.pod = undefined;
  manager.set(pod, { phase: "Running" });
  await manager.flush("u");
  expect(api.patches).toEqual([]);
});

test("StatusManager leaves a Pod of the same name and another UID alone", async () => {
  const { api, manager, pod } = start();
  api.pod = { metadata: { name: "p", namespace: "ns", uid: "other", resourceVersion: "9" }, status: {} };
  manager.set(pod, { phase: "Running" });
  await manager.flush("u");
  expect(api.patches).toEqual([]);
});

test("StatusManager stops waiting when the daemon stops", async () => {
  const { api, clock, manager, pod } = start();
  api.failures = 1000;
  manager.set(pod, { phase: "Running" });
  await clock.advance(1000);
  manager.stop();
  await manager.flush("u");
  expect(clock.pending).toBe(0);
});

test("StatusManager knows the newest object of a Pod", async () => {
  const { manager, pod } = start();
  manager.set(pod, { phase: "Running" });
  await manager.flush("u");
  expect(manager.newest(pod).status?.phase).toBe("Running");
  const later = { ...pod, metadata: { ...pod.metadata, resourceVersion: "7" } };
  expect(manager.newest(later)).toBe(later);
});
