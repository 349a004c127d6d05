/** What a host tells of itself and of its Pods: the kubelet API through the supervisor. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Summary } from "../../agent/kubelet/stats/summary.ts";
import { Cluster, root } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { metricValue } from "../framework/metric-value.ts";
import { Pods, podManifest } from "../framework/pods.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

requirePrivateNetwork("e2e-node");
const image = "pacific.local/demo:latest";
const cluster = new Cluster(16471);
const kubeletPort = 16_472;
const pods = new Pods(cluster);
/** Works without a pause, and holds 20 MB on its disk and 25 MB in memory. */
const busyScript =
  "dd if=/dev/zero of=/tmp/held bs=1000000 count=20; dd if=/dev/zero of=/dev/shm/held bs=1000000 count=25; while :; do :; done";

beforeAll(async () => {
  await cluster.start();
  await cluster.addHost("box-1", ["--kubelet-port", String(kubeletPort)]);
  await cluster.importImage("box-1", join(root, "dist/images/demo.tar"));
  const resources = { limits: { cpu: "500m", memory: "128Mi" } };
  const command = ["sh", "-c", busyScript];
  await pods.run(podManifest("busy", image, { command, resources, imagePullPolicy: "Never" }));
  await eventually("the Pod holds what it should", 400_000, async () => {
    const held = await pods.exec("busy", "sh", "-c", "stat -c %s /dev/shm/held 2>/dev/null || echo 0");
    return Number(held) === 25_000_000;
  });
});

afterAll(() => cluster.remove());

async function raw(path: string): Promise<string> {
  const result = await cluster.kubectl("get", "--raw", `/api/v1/nodes/box-1/proxy${path}`);
  if (result.code !== 0) throw new Error(result.stderr);
  return result.stdout;
}

describe("a host", () => {
  test("tells what it and its Pods use", async () => {
    // It may take half a processor, and gets some of that even on a crowded machine. A guest that was held up makes
    // up for it later, so a rate may be more for a moment.
    const { node, pods: all } = await eventually("the limit shows", 60_000, async () => {
      const summary: Summary = JSON.parse(await raw("/stats/summary"));
      const { usageNanoCores = 0 } = summary.pods[0]?.containers[0]?.cpu ?? {};
      return usageNanoCores > 20_000_000 && usageNanoCores < 700_000_000 && summary;
    });
    expect(node.nodeName).toBe("box-1");
    expect(node.memory?.availableBytes).toBeGreaterThan(100_000_000);
    expect(node.cpu?.usageNanoCores).toBeGreaterThan(0);
    expect(node.fs?.capacityBytes).toBeGreaterThan(node.fs?.usedBytes ?? Number.POSITIVE_INFINITY);
    expect(node.runtime?.imageFs?.usedBytes).toBeGreaterThan(500_000);
    for (const { memory } of node.systemContainers ?? []) expect(memory?.pageFaults).toBeGreaterThan(0);
    const [busy] = all;
    expect(busy?.podRef).toMatchObject({ namespace: "default", name: "busy" });
    const [main] = busy?.containers ?? [];
    expect(main?.memory?.usageBytes).toBeGreaterThan(20_000_000);
    expect(main?.memory?.usageBytes).toBeLessThan(128 * 1024 ** 2);
    expect(main?.rootfs?.usedBytes).toBeGreaterThan(19_000_000);
    expect(busy?.["ephemeral-storage"]?.usedBytes).toBeGreaterThan(19_000_000);
    expect(busy?.network?.name).toBe("eth0");
    expect(busy?.process_stats?.process_count).toBeGreaterThanOrEqual(1);
  });

  test("has pages of metrics", async () => {
    const resource = await raw("/metrics/resource");
    expect(metricValue(resource, "container_cpu_usage_seconds_total", 'pod="busy"')).toBeGreaterThan(0);
    expect(metricValue(resource, "node_memory_working_set_bytes")).toBeGreaterThan(1_000_000);
    expect(metricValue(resource, "resource_scrape_error")).toBe(0);
    const main = 'container="main"';
    const cadvisor = await eventually("the guest has counted what is open", 60_000, async () => {
      const page = await raw("/metrics/cadvisor");
      return metricValue(page, "container_processes", main) > 0 ? page : undefined;
    });
    expect(metricValue(cadvisor, "container_memory_usage_bytes", 'container="main"')).toBeGreaterThan(
      20_000_000,
    );
    expect(metricValue(cadvisor, "machine_cpu_cores")).toBeGreaterThan(0);
    expect(
      metricValue(cadvisor, "container_network_receive_packets_dropped_total", 'pod="busy"'),
    ).toBeGreaterThanOrEqual(0);
    expect(metricValue(cadvisor, "container_spec_cpu_quota", main)).toBe(50_000);
    expect(metricValue(cadvisor, "container_cpu_cfs_periods_total", main)).toBeGreaterThan(0);
    expect(metricValue(cadvisor, "container_memory_max_usage_bytes", main)).toBeGreaterThan(25_000_000);
    expect(metricValue(cadvisor, "container_file_descriptors", main)).toBeGreaterThanOrEqual(3);
    const reads =
      cadvisor.match(/^container_fs_reads_bytes_total{.*pod="busy",device="\/dev\/vd.".*$/gm) ?? [];
    expect(Math.max(...reads.map((line) => Number(line.split(" ").at(-2))))).toBeGreaterThan(0);
    const kubelet = await raw("/metrics");
    expect(metricValue(kubelet, "kubelet_running_pods")).toBe(1);
    expect(metricValue(kubelet, "kubelet_pod_start_duration_seconds_count")).toBe(1);
    expect(metricValue(kubelet, "kubelet_pod_start_duration_seconds_sum")).toBeGreaterThan(0);
    expect(metricValue(kubelet, "kubelet_runtime_operations_total", '"start_container"')).toBe(1);
    expect(metricValue(kubelet, "kubelet_certificate_manager_client_ttl_seconds")).toBeGreaterThan(3600);
    expect(metricValue(kubelet, "kubelet_certificate_manager_server_ttl_seconds")).toBeGreaterThan(3600);
    expect(metricValue(kubelet, "rest_client_requests_total", 'code="200"')).toBeGreaterThan(0);
    expect(metricValue(kubelet, "kubelet_http_requests_total", 'path="stats"')).toBeGreaterThan(0);
  });

  test("answers the paths of a kubelet", async () => {
    expect(await raw("/healthz")).toBe("ok");
    expect(JSON.parse(await raw("/pods")).items[0].metadata.name).toBe("busy");
    expect(JSON.parse(await raw("/runningpods/")).items[0].metadata.name).toBe("busy");
    expect(JSON.parse(await raw("/configz")).kubeletconfig.evictionHard["memory.available"]).toBe("100Mi");
  });

  test("is measured by kubectl top, until somebody else measures", async () => {
    const words = async (...args: readonly string[]): Promise<string[][]> => {
      const result = await cluster.kubectl("top", ...args, "--no-headers");
      if (result.code !== 0) throw new Error(result.stderr);
      return result.stdout
        .trim()
        .split("\n")
        .map((line) => line.split(/\s+/));
    };
    const [[name, cpu = "", cpuShare = "", memory = ""] = []] = await words("node");
    expect(name).toBe("box-1");
    expect(Number.parseInt(cpu, 10)).toBeGreaterThan(0);
    expect(cpuShare).toMatch(/^\d+%$/);
    expect(Number.parseInt(memory, 10)).toBeGreaterThan(100);
    const [[pod, container, podCpu = "", podMemory = ""] = []] = await words("pod", "--containers");
    expect([pod, container]).toEqual(["busy", "main"]);
    expect(Number.parseInt(podCpu, 10)).toBeGreaterThan(20);
    expect(Number.parseInt(podMemory, 10)).toBeGreaterThanOrEqual(20);
    expect((await cluster.kubectl("top", "pod", "none")).stderr).toContain(
      'podmetrics.metrics.k8s.io "default/none" not found',
    );
    expect((await cluster.kubectl("top", "pod", "-l", "no=such")).stderr).toContain("No resources found");
    const table = (await cluster.kubectl("get", "nodes.metrics.k8s.io")).stdout;
    expect(table).toMatch(/^NAME +CPU +MEMORY +WINDOW\nbox-1 +\d+n +\d+Ki +\d/);
    expect((await cluster.kubectl("api-resources", "--api-group=metrics.k8s.io")).stdout).toContain(
      "PodMetrics",
    );
    const columns = (await cluster.kubectl("get", "apiservice", "v1beta1.metrics.k8s.io", "--no-headers"))
      .stdout;
    expect(columns).toMatch(/Local +True/);
  });

  test("gives metrics.k8s.io away to an APIService that names a Service, and takes it back", async () => {
    const service = { name: "metrics-server", namespace: "kube-system" };
    const patch = JSON.stringify({ spec: { service, insecureSkipTLSVerify: true } });
    const apiService = "apiservice/v1beta1.metrics.k8s.io";
    await cluster.kubectl("patch", apiService, "--type=merge", "-p", patch);
    expect((await cluster.kubectl("top", "node")).code).not.toBe(0);
    await cluster.kubectl("delete", apiService);
    await eventually(
      "the supervisor measures again",
      10_000,
      async () => (await cluster.kubectl("top", "node")).code === 0,
    );
  });

  test("evicts a Pod that has more on its disk than it may", async () => {
    const resources = { limits: { "ephemeral-storage": "5Mi" } };
    const command = ["sh", "-c", "dd if=/dev/zero of=/tmp/held bs=1000000 count=9; sleep 1000"];
    await cluster.apply(podManifest("greedy", image, { command, resources, imagePullPolicy: "Never" }));
    const { status } = await eventually("the Pod is evicted", 60_000, async () => {
      const now = await pods.get("greedy");
      return now.status?.phase === "Failed" ? now : undefined;
    });
    const message = "Pod ephemeral local storage usage exceeds the total limit of containers 5Mi. ";
    expect(status).toMatchObject({ reason: "Evicted", message });
    const target = status?.conditions?.find(({ type }) => type === "DisruptionTarget");
    expect(target).toMatchObject({ status: "True", reason: "TerminationByKubelet", message });
    expect(await pods.tells("greedy", /Evicted/)).toContain(`Warning Evicted ${message.trim()}`);
  });

  test("says when it has too little left, and takes no Pods then", async () => {
    await cluster.addHost("box-2", ["--eviction-hard", "memory.available<99%"]);
    const conditions = '{.status.conditions[?(@.type=="MemoryPressure")].status}';
    await eventually("the node is under pressure", 30_000, async () => {
      const seen = await cluster.kubectl("get", "node", "box-2", "-o", `jsonpath=${conditions}`);
      return seen.stdout === "True";
    });
    await cluster.apply(podManifest("late", image, {}, { nodeName: "box-2" }));
    const { status } = await eventually("the Pod is refused", 30_000, async () => {
      const now = await pods.get("late");
      return now.status?.phase === "Failed" ? now : undefined;
    });
    const message = "Pod was rejected: The node had condition: [MemoryPressure]. ";
    expect(status).toMatchObject({ reason: "Evicted", message });
    const ofNode = ["get", "events", "-A", "--field-selector", "involvedObject.name=box-2"];
    for (const reason of ["Starting", "NodeHasInsufficientMemory", "NodeReady", "EvictionThresholdMet"]) {
      await eventually(`an event has the reason ${reason}`, 30_000, async () =>
        (await cluster.kubectl(...ofNode)).stdout.includes(reason),
      );
    }
  });

  test("lets those in by its port whom the API server allows it", async () => {
    const must = async (...args: readonly string[]): Promise<string> => {
      const result = await cluster.kubectl(...args);
      if (result.code !== 0) throw new Error(result.stderr);
      return result.stdout.trim();
    };
    await must("create", "serviceaccount", "reader");
    await must("create", "serviceaccount", "monitor");
    await must("create", "clusterrole", "stats", "--verb=get", "--resource=nodes/stats,nodes/pods");
    await must(
      "create",
      "clusterrolebinding",
      "stats",
      "--clusterrole=stats",
      "--serviceaccount=default:monitor",
    );
    const ask = async (path: string, account?: string): Promise<{ status: number; text: string }> => {
      const token = account === undefined ? undefined : await must("create", "token", account);
      const response = await fetch(`https://127.0.0.1:${kubeletPort}${path}`, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        tls: { rejectUnauthorized: false },
      });
      return { status: response.status, text: await response.text() };
    };
    expect(await ask("/pods")).toEqual({ status: 401, text: "Unauthorized" });
    expect(await ask("/pods", "reader")).toEqual({
      status: 403,
      text: "Forbidden (user=system:serviceaccount:default:reader, verb=get, resource=nodes, subresource(s)=[pods proxy])\n",
    });
    expect((await ask("/stats/summary", "monitor")).status).toBe(200);
    expect((await ask("/pods", "monitor")).status).toBe(200);
    expect((await ask("/metrics", "monitor")).status).toBe(403);
    const port = await must(
      "get",
      "node",
      "box-1",
      "-o",
      "jsonpath={.status.daemonEndpoints.kubeletEndpoint.Port}",
    );
    expect(port).toBe(String(kubeletPort));
  });
});

describe("a static Pod", () => {
  test("starts with the host while the supervisor is away, and the API shows it later", async () => {
    const host = cluster.hosts.get("box-1");
    await host?.stop();
    await cluster.supervisor.stop();
    const folder = cluster.hostFolder("box-1");
    const command = ["sh", "-c", "echo here I am; trap 'exit 0' TERM; while :; do sleep 0.1; done"];
    const manifest = podManifest("of-a-file", image, { command, imagePullPolicy: "Never" });
    mkdirSync(join(folder, "pod-manifests"), { recursive: true });
    writeFileSync(join(folder, "pod-manifests/pod.json"), JSON.stringify(manifest));
    host?.start();
    const logs = join(folder, "logs/pods");
    const isOurs = (name: string): boolean => name.startsWith("default_of-a-file-box-1_");
    await eventually("the Pod has written its log", 120_000, () => {
      const ours = readdirSync(logs).find(isOurs);
      const path = join(logs, ours ?? "none", "main/0.log");
      return existsSync(path) && readFileSync(path, "utf8").includes("here I am");
    });
    expect(readdirSync(logs).filter(isOurs)).toHaveLength(1);
    await cluster.start();
    const shown = await eventually("the API has the Pod", 60_000, () =>
      pods.get("of-a-file-box-1").catch(() => undefined),
    );
    expect(shown.metadata?.annotations?.["kubernetes.io/config.source"]).toBe("file");
    const { status } = await pods.ready("of-a-file-box-1");
    expect(status?.containerStatuses?.[0]?.restartCount).toBe(0);
    expect(status?.podIP).toMatch(/^10\.42\./);
    // The host's tunnel may come a little later than its news.
    await eventually("the log is reached", 60_000, async () => {
      return (await cluster.kubectl("logs", "of-a-file-box-1")).stdout === "here I am\n";
    });
    expect((await pods.ready("busy")).status?.containerStatuses?.[0]?.restartCount).toBe(0);
    rmSync(join(folder, "pod-manifests/pod.json"));
    await eventually("the Pod is gone", 60_000, () =>
      pods.get("of-a-file-box-1").then(
        () => false,
        () => true,
      ),
    );
  });
});
