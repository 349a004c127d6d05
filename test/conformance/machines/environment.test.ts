/** What containers are told: commands, arguments and variables from the image, the Pod, objects and Services. */
import { afterAll, expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1Container, V1EnvVar, V1Node, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { quantityValue } from "../../../supervisor/apimachinery/quantity.ts";
import { busyboxArchive } from "../../framework/busybox-image.ts";
import { MachineCluster, useMachines } from "../support/machine-cluster.ts";
import { PodSeries } from "../support/pod-series.ts";

const folder = mkdtempSync(join(tmpdir(), "pacific-environment-"));
const archive = join(folder, "says.tar");
const says = "test/says:1";
writeFileSync(archive, busyboxArchive(says));
const machines = useMachines(import.meta.path, {}, [archive]);
const series = new PodSeries(machines);
const { image } = MachineCluster;
afterAll(() => rmSync(folder, { recursive: true }));

/** A test whose Pod of one container runs to its end; `check` reads what it has printed. */
function prints(
  name: string,
  container: Partial<V1Container>,
  check: (lines: readonly string[], pod: V1Pod) => Promise<void> | void,
  before: (namespace: string) => Promise<unknown> = async () => undefined,
): void {
  const prepare = async (namespace: string): Promise<void> => {
    await before(namespace);
    const containers = [{ name: "main", image, ...container }];
    await machines.create(namespace, "says", { containers, restartPolicy: "Never" });
  };
  series.conformanceTest(name, prepare, async (namespace) => {
    const pod = await machines.ended(namespace, "says");
    expect(pod.status?.phase).toBe("Succeeded");
    await check((await machines.log(namespace, "says")).split("\n"), pod);
  });
}

/** A shell would drop names that it cannot use. */
const printEnv = ["env"];

const field = (name: string, fieldPath: string): V1EnvVar => ({
  name,
  valueFrom: { fieldRef: { fieldPath } },
});
const resource = (name: string, of: string): V1EnvVar => ({
  name,
  valueFrom: { resourceFieldRef: { resource: of } },
});

function configMap(namespace: string, data: Record<string, string>): Promise<unknown> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  return machines.api.create(path, { metadata: { name: "settings" }, data });
}

function secret(namespace: string, data: Record<string, string>): Promise<unknown> {
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  return machines.api.create(path, { metadata: { name: "keys" }, stringData: data });
}

const says_ = { image: says };
prints(
  "[sig-node] Containers should use the image defaults if command and args are blank [NodeConformance] [Conformance]",
  says_,
  (lines) => expect(lines[0]).toBe("image default arguments"),
);
prints(
  "[sig-node] Containers should be able to override the image's default arguments (container cmd) [NodeConformance] [Conformance]",
  { ...says_, args: ["override", "arguments"] },
  (lines) => expect(lines[0]).toBe("image override arguments"),
);
prints(
  "[sig-node] Containers should be able to override the image's default command (container entrypoint) [NodeConformance] [Conformance]",
  { ...says_, command: ["/bin/echo", "own"] },
  (lines) => expect(lines[0]).toBe("own"),
);
prints(
  "[sig-node] Containers should be able to override the image's default command and arguments [NodeConformance] [Conformance]",
  { ...says_, command: ["/bin/echo", "own"], args: ["override", "arguments"] },
  (lines) => expect(lines[0]).toBe("own override arguments"),
);

const data = { "data-1": "value-1", "data-2": "value-2", "data-3": "value-3" };

const prefixes = ["", "p-", "a"];

function hasPrefixed(lines: readonly string[]): void {
  for (const prefix of prefixes) {
    for (const [key, value] of Object.entries(data)) expect(lines).toContain(`${prefix}${key}=${value}`);
  }
}

prints(
  "[sig-node] ConfigMap should be consumable via environment variable [NodeConformance] [Conformance]",
  {
    command: printEnv,
    env: [{ name: "CONFIG_DATA_1", valueFrom: { configMapKeyRef: { name: "settings", key: "data-1" } } }],
  },
  (lines) => expect(lines).toContain("CONFIG_DATA_1=value-1"),
  (namespace) => configMap(namespace, data),
);
prints(
  "[sig-node] ConfigMap should be consumable via the environment [NodeConformance] [Conformance]",
  {
    command: printEnv,
    envFrom: [{ configMapRef: { name: "settings" } }, { prefix: "p_", configMapRef: { name: "settings" } }],
  },
  (lines) => {
    for (const line of ["data_1=value-1", "data_2=value-2", "p_data_1=value-1", "p_data_2=value-2"]) {
      expect(lines).toContain(line);
    }
  },
  (namespace) => configMap(namespace, { data_1: "value-1", data_2: "value-2" }),
);
prints(
  "[sig-node] ConfigMap should be consumable as environment variable names with various prefixes [Conformance]",
  {
    command: printEnv,
    envFrom: prefixes.map((prefix) => ({ prefix, configMapRef: { name: "settings" } })),
  },
  hasPrefixed,
  (namespace) => configMap(namespace, data),
);
prints(
  "[sig-node] Secrets should be consumable from pods in env vars [NodeConformance] [Conformance]",
  {
    command: printEnv,
    env: [{ name: "SECRET_DATA", valueFrom: { secretKeyRef: { name: "keys", key: "data-1" } } }],
  },
  (lines) => expect(lines).toContain("SECRET_DATA=value-1"),
  (namespace) => secret(namespace, data),
);
prints(
  "[sig-node] Secrets should be consumable via the environment [NodeConformance] [Conformance]",
  {
    command: printEnv,
    envFrom: [{ secretRef: { name: "keys" } }, { prefix: "p_", secretRef: { name: "keys" } }],
  },
  (lines) => {
    for (const line of ["data_1=value-1", "data_3=value-3", "p_data_1=value-1", "p_data_3=value-3"]) {
      expect(lines).toContain(line);
    }
  },
  (namespace) => secret(namespace, { data_1: "value-1", data_3: "value-3" }),
);
prints(
  "[sig-node] Secrets should be consumable as environment variable names variable names with various prefixes [Conformance]",
  { command: printEnv, envFrom: prefixes.map((prefix) => ({ prefix, secretRef: { name: "keys" } })) },
  hasPrefixed,
  (namespace) => secret(namespace, data),
);

prints(
  "[sig-node] Downward API should provide pod name, namespace and IP address as env vars [NodeConformance] [Conformance]",
  {
    command: printEnv,
    env: [
      field("POD_NAME", "metadata.name"),
      field("POD_NAMESPACE", "metadata.namespace"),
      field("POD_IP", "status.podIP"),
    ],
  },
  (lines, pod) => {
    expect(lines).toContain("POD_NAME=says");
    expect(lines).toContain(`POD_NAMESPACE=${pod.metadata?.namespace}`);
    expect(lines).toContain(`POD_IP=${pod.status?.podIP}`);
    expect(pod.status?.podIP).toMatch(/^10\.42\./);
  },
);
prints(
  "[sig-node] Downward API should provide host IP as an env var [NodeConformance] [Conformance]",
  { command: printEnv, env: [field("HOST_IP", "status.hostIP")] },
  (lines, pod) => expect(lines).toContain(`HOST_IP=${pod.status?.hostIP}`),
);
prints(
  "[sig-node] Downward API should provide hostIPs as an env var [NodeConformance] [Conformance]",
  { command: printEnv, env: [field("HOST_IPS", "status.hostIPs")] },
  (lines, pod) => expect(lines).toContain(`HOST_IPS=${pod.status?.hostIPs?.map(({ ip }) => ip).join(",")}`),
);
prints(
  "[sig-node] Downward API should provide pod UID as env vars [NodeConformance] [Conformance]",
  { command: printEnv, env: [field("POD_UID", "metadata.uid")] },
  (lines, pod) => expect(lines).toContain(`POD_UID=${pod.metadata?.uid}`),
);
const four = [
  resource("CPU_LIMIT", "limits.cpu"),
  resource("MEMORY_LIMIT", "limits.memory"),
  resource("CPU_REQUEST", "requests.cpu"),
  resource("MEMORY_REQUEST", "requests.memory"),
];
prints(
  "[sig-node] Downward API should provide container's limits.cpu/memory and requests.cpu/memory as env vars [NodeConformance] [Conformance]",
  {
    command: printEnv,
    env: four,
    resources: { requests: { cpu: "250m", memory: "32Mi" }, limits: { cpu: "1250m", memory: "64Mi" } },
  },
  (lines) => {
    const wanted = ["CPU_LIMIT=2", "MEMORY_LIMIT=67108864", "CPU_REQUEST=1", "MEMORY_REQUEST=33554432"];
    for (const line of wanted) expect(lines).toContain(line);
  },
);
prints(
  "[sig-node] Downward API should provide default limits.cpu/memory from node allocatable [NodeConformance] [Conformance]",
  { command: printEnv, env: four.slice(0, 2) },
  async (lines) => {
    const { status } = await machines.api.get<V1Node>(`/api/v1/nodes/${MachineCluster.node}`);
    expect(lines).toContain(`CPU_LIMIT=${status?.allocatable?.cpu}`);
    expect(lines).toContain(`MEMORY_LIMIT=${quantityValue(status?.allocatable?.memory ?? "0")}`);
  },
);

const composed = [
  { name: "FOO", value: "foo-value" },
  { name: "BAR", value: "bar-value" },
  { name: "FOOBAR", value: "$(FOO);;$(BAR)" },
];
prints(
  "[sig-node] Variable Expansion should allow composing env vars into new env vars [NodeConformance] [Conformance]",
  { command: printEnv, env: composed },
  (lines) => {
    for (const line of ["FOO=foo-value", "BAR=bar-value", "FOOBAR=foo-value;;bar-value"]) {
      expect(lines).toContain(line);
    }
  },
);
const testVar = [{ name: "TEST_VAR", value: "test-value" }];
prints(
  "[sig-node] Variable Expansion should allow substituting values in a container's command [NodeConformance] [Conformance]",
  { command: ["sh", "-c", 'TEST_VAR=wrong echo "$(TEST_VAR)"'], env: testVar },
  (lines) => expect(lines[0]).toBe("test-value"),
);
prints(
  "[sig-node] Variable Expansion should allow substituting values in a container's args [NodeConformance] [Conformance]",
  { command: ["sh", "-c"], args: ['TEST_VAR=wrong echo "$(TEST_VAR)"'], env: testVar },
  (lines) => expect(lines[0]).toBe("test-value"),
);

prints(
  "[sig-node] Pods should contain environment variables for services [NodeConformance] [Conformance]",
  { command: printEnv },
  async (lines, pod) => {
    const path = `/api/v1/namespaces/${pod.metadata?.namespace}/services/fooservice`;
    const { spec } = await machines.api.get<{ spec: { clusterIP: string } }>(path);
    const url = `tcp://${spec.clusterIP}:8765`;
    for (const line of [
      `FOOSERVICE_SERVICE_HOST=${spec.clusterIP}`,
      "FOOSERVICE_SERVICE_PORT=8765",
      `FOOSERVICE_PORT=${url}`,
      `FOOSERVICE_PORT_8765_TCP=${url}`,
      "FOOSERVICE_PORT_8765_TCP_PROTO=tcp",
      "FOOSERVICE_PORT_8765_TCP_PORT=8765",
      `FOOSERVICE_PORT_8765_TCP_ADDR=${spec.clusterIP}`,
      "KUBERNETES_SERVICE_PORT_HTTPS=443",
    ]) {
      expect(lines).toContain(line);
    }
  },
  async (namespace) => {
    await machines.api.create(`/api/v1/namespaces/${namespace}/services`, {
      metadata: { name: "fooservice" },
      spec: { ports: [{ port: 8765, targetPort: 8080 }] },
    });
  },
);
