/** What a kubelet counts of its Pods, seen on its page of metrics while they come and go. */
import { expect, test } from "bun:test";
import { eventually } from "../../framework/eventually.ts";
import { metricValue } from "../../framework/metric-value.ts";
import { KubeletRig, patienceMs } from "./kubelet-rig.ts";

test("a Pod's start, its failures and its probes are counted, and go with it", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  rig.runtime.onExec = async () => ({});
  const value = async (name: string, labels?: string): Promise<number> =>
    metricValue(await rig.metrics.registry.text(), `kubelet_${name}`, labels);
  const probes = async (): Promise<number> =>
    metricValue(await rig.metrics.probesRegistry.text(), "prober_probe_total", 'result="successful"');
  const initContainers = [{ name: "first", image: "shop:1", imagePullPolicy: "IfNotPresent" }];
  const readinessProbe = { exec: { command: ["check"] }, periodSeconds: 5 };
  await rig.createPod("p", { initContainers }, { readinessProbe });
  await rig.untilPod("p", "ready", ({ status }) => {
    void rig.clock.advance(500);
    for (const { id, metadata, state } of rig.runtime.listContainers()) {
      if (metadata.name === "first" && state === "running") rig.runtime.exit(id, 0);
    }
    return (status?.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True");
  });
  expect(await value("started_pods_total")).toBe(1);
  expect(await value("started_containers_total", 'container_type="init_container"')).toBe(1);
  expect(await value("started_containers_total", 'container_type="container"')).toBe(1);
  expect(await value("pod_worker_start_duration_seconds_count")).toBe(1);
  expect(await value("pod_worker_duration_seconds_count", 'operation_type="create"')).toBe(1);
  expect(await value("pod_start_duration_seconds_count")).toBe(1);
  expect(await value("containers_per_pod_count_count")).toBe(1);
  expect(await probes()).toBeGreaterThan(0);
  await eventually("a status is known to have come to the API", patienceMs, async () => {
    return (await value("pod_status_sync_duration_seconds_count")) > 0;
  });
  await eventually("the API's watch has shown the start", patienceMs, async () => {
    const seen = await value("pod_start_sli_duration_seconds_count", 'first_with_network="true"');
    return seen === 1;
  });
  await rig.createPod("none", {}, { image: "missing:1" });
  await rig.untilWaiting("none", "ErrImagePull");
  const failed = 'container_type="container",code="ErrImagePull"';
  expect(await value("started_containers_errors_total", failed)).toBe(1);
  await rig.pods.delete("p", { gracePeriodSeconds: 0 });
  await eventually("the Pod's probes have no series", patienceMs, async () => {
    void rig.clock.advance(500);
    return Number.isNaN(await probes());
  });
});

test("volumes are counted by what serves them, as they are mounted and where they cannot be had", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  const value = async (name: string, labels: string): Promise<number> =>
    metricValue(await rig.metrics.registry.text(), name, labels);
  const mounts = (plugin: string, status: string): Promise<number> =>
    value(
      "storage_operation_duration_seconds_count",
      `operation_name="volume_mount",status="${status}",volume_plugin="kubernetes.io/${plugin}"`,
    );
  const volumes = (plugin: string, state: string): Promise<number> =>
    value("volume_manager_total_volumes", `plugin_name="kubernetes.io/${plugin}",state="${state}_of_world"`);
  const mounted = (names: readonly string[]) => names.map((name) => ({ name, mountPath: `/${name}` }));
  await rig.create("configmaps", { metadata: { name: "there" }, data: { key: "value" } });
  await rig.createPod(
    "p",
    {
      volumes: [
        { name: "config", configMap: { name: "there" } },
        { name: "empty", emptyDir: {} },
      ],
    },
    { volumeMounts: mounted(["config", "empty"]) },
  );
  await rig.untilRunning("p");
  expect(await mounts("configmap", "success")).toBeGreaterThan(0);
  expect(await mounts("empty-dir", "success")).toBeGreaterThan(0);
  expect(await volumes("empty-dir", "actual_state")).toBe(1);
  const missing = { volumes: [{ name: "secret", secret: { secretName: "missing" } }] };
  await rig.createPod("waits", missing, { volumeMounts: mounted(["secret"]) });
  await eventually("the volume that cannot be had is counted", patienceMs, async () => {
    void rig.clock.advance(500);
    return (await mounts("secret", "fail-unknown")) > 0;
  });
  expect(await volumes("secret", "desired_state")).toBe(1);
  expect(await volumes("secret", "actual_state")).toBeNaN();
});
