/** The life of Pods: made, changed, past their deadline, deleted, and what their generation tells. */
import { expect } from "bun:test";
import type { V1Pod, V1PodList } from "../../../supervisor/api/generated/types.ts";
import { loadKubeconfig } from "../../../supervisor/client/kubeconfig.ts";
import { MachineCluster, useMachines } from "../support/machine-cluster.ts";
import { PodSeries } from "../support/pod-series.ts";

const machines = useMachines(import.meta.path);
const series = new PodSeries(machines);
const { image } = MachineCluster;
const pod = "lives";
const wait = "trap 'exit 0' TERM; echo up; while :; do sleep 0.2; done";
const spec = { containers: [{ name: "main", image, command: ["sh", "-c", wait] }] };

const podsPath = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;
const podPath = (namespace: string): string => `${podsPath(namespace)}/${pod}`;

function create(namespace: string, more: object = {}, metadata: object = {}): Promise<V1Pod> {
  return machines.create(namespace, pod, { ...spec, ...more }, metadata);
}

function podTest(
  name: string,
  check: (namespace: string) => Promise<void>,
  prepare: (namespace: string) => Promise<unknown> = create,
): void {
  series.conformanceTest(name, prepare, check);
}

podTest(
  "[sig-node] Pods should be submitted and removed [NodeConformance] [Conformance]",
  async (namespace) => {
    const { metadata } = await machines.ready(namespace, pod);
    // A first process gets no signal that it does not ask for, and this one asks before it prints.
    await machines.logHas(namespace, pod, "up\n");
    const watch = await machines.api.watch<V1Pod>(
      `${podsPath(namespace)}?resourceVersion=${metadata?.resourceVersion}`,
    );
    await machines.api.delete(podPath(namespace), { gracePeriodSeconds: 20 });
    const { object: last } = await watch.until("DELETED");
    watch.stop();
    expect(last.metadata?.deletionTimestamp).toBeDefined();
    expect(last.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(0);
  },
);

podTest("[sig-node] Pods should be updated [NodeConformance] [Conformance]", async (namespace) => {
  await machines.ready(namespace, pod);
  await machines.api.update<V1Pod>(podPath(namespace), (is) => ({
    ...is,
    metadata: { ...is.metadata, labels: { time: "later" } },
  }));
  const list = await machines.api.get<V1PodList>(`${podsPath(namespace)}?labelSelector=time%3Dlater`);
  expect(list.items.map(({ metadata }) => metadata?.name)).toEqual([pod]);
});

podTest(
  "[sig-node] Pods should allow activeDeadlineSeconds to be updated [NodeConformance] [Conformance]",
  async (namespace) => {
    await machines.ready(namespace, pod);
    await machines.api.update<V1Pod>(podPath(namespace), (is) => ({
      ...is,
      spec: { ...(is.spec ?? spec), activeDeadlineSeconds: 5 },
    }));
    const { status } = await machines.ended(namespace, pod);
    expect(status).toMatchObject({ phase: "Failed", reason: "DeadlineExceeded" });
  },
);

podTest("[sig-node] Pods should get a host IP [NodeConformance] [Conformance]", async (namespace) => {
  const { status } = await machines.ready(namespace, pod);
  expect([status?.hostIP, status?.hostIPs]).toEqual(["127.0.0.1", [{ ip: "127.0.0.1" }]]);
});

podTest(
  "[sig-node] Pods should delete a collection of pods [Conformance]",
  async (namespace) => {
    const selector = `${podsPath(namespace)}?labelSelector=type%3Dtesting`;
    await machines.api.delete(selector);
    await machines.api.call("GET", selector);
    for (const name of ["one", "two", "three"])
      await machines.api.gone(`${podsPath(namespace)}/${name}`, 60_000);
  },
  async (namespace) => {
    const metadata = { labels: { type: "testing" } };
    for (const name of ["one", "two", "three"]) await machines.create(namespace, name, spec, metadata);
  },
);

podTest("[sig-node] Pods should patch a pod status [Conformance]", async (namespace) => {
  await machines.ready(namespace, pod);
  const status = { message: "Patched", reason: "Test" };
  const patched = await machines.api.patch<V1Pod>(`${podPath(namespace)}/status`, { status });
  expect(patched.status).toMatchObject(status);
});

podTest(
  "[sig-node] Pods should run through the lifecycle of Pods and PodStatus [Conformance]",
  async (namespace) => {
    await machines.ready(namespace, pod);
    const patched = await machines.api.patch<V1Pod>(
      podPath(namespace),
      { metadata: { labels: { "test-pod": "patched" } } },
      "strategic-merge-patch",
    );
    expect(patched.metadata?.labels).toEqual({ "test-pod": "patched" });
    const condition = { type: "example.com/Seen", status: "True" };
    const marked = await machines.api.patch<V1Pod>(
      `${podPath(namespace)}/status`,
      { status: { conditions: [condition] } },
      "strategic-merge-patch",
    );
    expect(marked.status?.conditions).toContainEqual(expect.objectContaining(condition));
    await machines.api.delete(`${podsPath(namespace)}?labelSelector=test-pod%3Dpatched`);
    await machines.api.gone(podPath(namespace), 60_000);
  },
);

podTest(
  "[sig-node] Pods should support remote command execution over websockets [NodeConformance] [Conformance]",
  async (namespace) => {
    await machines.ready(namespace, pod);
    const { transport } = await loadKubeconfig(machines.cluster.kubeconfig);
    const command = "command=echo&command=remote%20execution%20test";
    const url = new URL(`${podPath(namespace)}/exec?${command}&stdout=1&stderr=1`, transport.server);
    url.protocol = "wss:";
    const { caPem, credentials } = transport;
    const tls = { ca: caPem, cert: credentials?.certificatePem, key: credentials?.keyPem };
    const socket = new WebSocket(url, { protocols: ["channel.k8s.io"], tls });
    socket.binaryType = "arraybuffer";
    const output: Record<number, string> = {};
    await new Promise((resolve, reject) => {
      socket.onmessage = ({ data }) => {
        const [channel = 0, ...bytes] = new Uint8Array(data);
        output[channel] = `${output[channel] ?? ""}${Buffer.from(bytes)}`;
      };
      socket.onclose = resolve;
      socket.onerror = reject;
    });
    expect([socket.protocol, output[1]]).toEqual(["channel.k8s.io", "remote execution test\n"]);
  },
);

podTest(
  "[sig-node] Pods should support retrieving logs from the container over websockets [NodeConformance] [Conformance]",
  async (namespace) => {
    await machines.ready(namespace, pod);
    await machines.logHas(namespace, pod, "up\n");
    const { transport } = await loadKubeconfig(machines.cluster.kubeconfig);
    const url = new URL(`${podPath(namespace)}/log?container=main`, transport.server);
    url.protocol = "wss:";
    const { caPem, credentials } = transport;
    const tls = { ca: caPem, cert: credentials?.certificatePem, key: credentials?.keyPem };
    for (const protocol of ["binary.k8s.io", "base64.binary.k8s.io"]) {
      const socket = new WebSocket(url, { protocols: [protocol], tls });
      socket.binaryType = "arraybuffer";
      let text = "";
      await new Promise((resolve, reject) => {
        socket.onmessage = ({ data }) => {
          text += typeof data === "string" ? Buffer.from(data, "base64") : Buffer.from(data);
        };
        socket.onclose = resolve;
        socket.onerror = reject;
      });
      expect([socket.protocol, text]).toEqual([protocol, "up\n"]);
    }
  },
);

/** Waits until the host has seen the Pod's newest generation. */
async function observed(namespace: string, generation: number): Promise<void> {
  await machines.until(namespace, pod, `has generation ${generation} observed`, ({ metadata, status }) => {
    expect(status?.observedGeneration ?? 0).toBeLessThanOrEqual(metadata?.generation ?? 0);
    return status?.observedGeneration === generation && metadata?.generation === generation;
  });
}

const generationTest = (
  name: string,
  prepare: (namespace: string) => Promise<unknown>,
  check: (namespace: string) => Promise<void>,
) => podTest(name, check, prepare);

generationTest(
  "[sig-node] Pods Extended (pod generation) Pod Generation pod generation should start at 1 and increment per update [MinimumKubeletVersion:1.34] [Conformance]",
  create,
  async (namespace) => {
    await observed(namespace, 1);
    const toleration = { key: "other", operator: "Exists", effect: "NoSchedule" };
    await machines.api.update<V1Pod>(podPath(namespace), (is) => ({
      ...is,
      spec: { ...(is.spec ?? spec), tolerations: [...(is.spec?.tolerations ?? []), toleration] },
    }));
    await observed(namespace, 2);
    await machines.api.patch(podPath(namespace), { spec: { activeDeadlineSeconds: 5000 } });
    await observed(namespace, 3);
    await machines.api.patch(podPath(namespace), { metadata: { labels: { part: "metadata" } } });
    await observed(namespace, 3);
    const { status } = await machines.ready(namespace, pod);
    for (const { observedGeneration } of status?.conditions ?? []) expect(observedGeneration).toBe(3);
  },
);

generationTest(
  "[sig-node] Pods Extended (pod generation) Pod Generation custom-set generation on new pods and graceful delete [Conformance]",
  (namespace) => {
    const containers = [
      {
        name: "main",
        image,
        command: ["sh", "-c", "trap 'sleep 3; exit 0' TERM; while :; do sleep 0.2; done"],
      },
    ];
    return create(namespace, { containers, terminationGracePeriodSeconds: 20 }, { generation: 100 });
  },
  async (namespace) => {
    await machines.ready(namespace, pod);
    await observed(namespace, 1);
    await machines.api.delete(podPath(namespace));
    await observed(namespace, 2);
    await machines.api.gone(podPath(namespace), 60_000);
  },
);

generationTest(
  "[sig-node] Pods Extended (pod generation) Pod Generation issue 500 podspec updates and verify generation and observedGeneration eventually converge [MinimumKubeletVersion:1.34] [Conformance]",
  create,
  async (namespace) => {
    for (let seconds = 5500; seconds > 5000; seconds--) {
      await machines.api.patch(podPath(namespace), { spec: { activeDeadlineSeconds: seconds } });
    }
    await observed(namespace, 501);
  },
);
