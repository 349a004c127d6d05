/** `/etc/hosts` of containers: the kubelet's, but for those that mount one, and the node's on the host's network. */
import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { eventually } from "../../framework/eventually.ts";
import { MachineCluster, useMachines } from "../support/machine-cluster.ts";
import { PodSeries } from "../support/pod-series.ts";

const machines = useMachines(import.meta.path);
const series = new PodSeries(machines);
const { image } = MachineCluster;
const marker = "# Kubernetes-managed hosts file.";

function sleeper(name: string): { name: string; image: string; command: string[] } {
  return { name, image, command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.2; done"] };
}

const nodeFile = { name: "hosts", hostPath: { path: "/etc/hosts", type: "File" } };
const beside = { name: "hosts", mountPath: "/etc/hosts-original" };
const instead = { name: "hosts", mountPath: "/etc/hosts" };
const web = {
  name: "web",
  image,
  command: ["sh", "-c", "mkdir /tmp/www; hostname > /tmp/www/index.html; exec httpd -f -p 8089 -h /tmp/www"],
  env: ["status.podIP", "status.hostIP"].map((fieldPath) => ({
    name: fieldPath === "status.podIP" ? "POD_IP" : "HOST_IP",
    valueFrom: { fieldRef: { fieldPath } },
  })),
  ports: [{ containerPort: 8089 }],
};

async function prepare(namespace: string): Promise<void> {
  await machines.create(namespace, "own", {
    volumes: [nodeFile],
    containers: [
      { ...sleeper("plain"), volumeMounts: [beside] },
      { ...sleeper("original"), volumeMounts: [beside] },
      { ...sleeper("mounts"), volumeMounts: [beside, instead] },
    ],
  });
  await machines.create(namespace, "host", {
    hostNetwork: true,
    volumes: [nodeFile],
    containers: [{ ...sleeper("plain"), volumeMounts: [beside] }, web],
  });
}

series.conformanceTest(
  "[sig-node] KubeletManagedEtcHosts should test kubelet managed /etc/hosts file [NodeConformance] [Conformance]",
  prepare,
  async (namespace) => {
    const ofNode = readFileSync("/etc/hosts", "utf8");
    const own = await machines.ready(namespace, "own");
    const host = await machines.ready(namespace, "host");
    const inside = async (pod: string, container: string, ...command: string[]): Promise<string> => {
      const exec = ["-n", namespace, "exec", pod, "-c", container, "--", ...command];
      const { code, stdout, stderr } = await machines.cluster.kubectl(...exec);
      return code === 0 ? stdout : stderr;
    };
    const read = (pod: string, container: string, file: string) => inside(pod, container, "cat", file);
    for (const container of ["plain", "original"]) {
      const text = await read("own", container, "/etc/hosts");
      expect(text).toStartWith(`${marker}\n`);
      expect(text).toContain(`${own.status?.podIP}\town`);
      expect(await read("own", container, "/etc/hosts-original")).toBe(ofNode);
    }
    expect(await read("own", "mounts", "/etc/hosts")).toBe(ofNode);

    const text = await read("host", "plain", "/etc/hosts");
    expect(text).not.toContain(marker);
    expect(text).toContain(ofNode.trim());
    expect(await read("host", "plain", "/etc/hosts-original")).toBe(ofNode);

    const { hostIP, podIP, podIPs } = host.status ?? {};
    expect([podIP, podIPs]).toEqual([hostIP, [{ ip: hostIP ?? "" }]]);
    const variables = await inside("host", "web", "env");
    expect(variables).toContain(`POD_IP=${hostIP}\n`);
    expect(variables).toContain(`HOST_IP=${hostIP}\n`);
    await eventually("a Pod reaches the port at the host's address", 10_000, async () => {
      return (await inside("own", "plain", "wget", "-qO-", "10.42.0.1:8089")) === `${MachineCluster.node}\n`;
    });
    await eventually("the host reaches it too", 10_000, async () => {
      const answer = await fetch("http://10.42.0.1:8089/").catch(() => undefined);
      return (await answer?.text()) === `${MachineCluster.node}\n`;
    });
  },
);
