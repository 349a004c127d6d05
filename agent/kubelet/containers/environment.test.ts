import { expect, test } from "bun:test";
import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { DownwardContext } from "./downward-values.ts";
import { makeEnvironment, type VariableSource } from "./environment.ts";

const container: V1Container = {
  name: "web",
  resources: { limits: { cpu: "1500m" }, requests: { memory: "100Mi" } },
};
const pod: V1Pod = {
  metadata: {
    name: "p",
    namespace: "ns",
    uid: "u-1",
    labels: { app: "shop", "a/b": "c" },
    annotations: { note: "hi" },
  },
  spec: { containers: [container], nodeName: "n1", serviceAccountName: "sa" },
};
const context: DownwardContext = {
  podAddresses: ["10.42.0.5"],
  hostAddress: "192.0.2.1",
  nodeAllocatable: { memory: "1Gi", cpu: "4" },
};
const source: VariableSource = {
  async configMap(_namespace, name) {
    return name === "settings" ? { data: { COLOR: "red", "bad=name": "x" } } : undefined;
  },
  async secret(_namespace, name) {
    return name === "keys" ? { data: { token: Buffer.from("t0ken").toString("base64") } } : undefined;
  },
  async volumeFile(volume, path) {
    const files: Record<string, string> = { "data/made.env": "PORT='80'\n", "data/bad.env": "PORT=80\n" };
    const text = files[`${volume}/${path}`];
    return text === undefined ? undefined : Buffer.from(text);
  },
};

async function environment(extra: Partial<V1Container>): Promise<Record<string, string>> {
  return Object.fromEntries(await makeEnvironment(pod, { ...container, ...extra }, context, source));
}

test("makeEnvironment resolves the fields of the Pod", async () => {
  const paths = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.labels['a/b']",
    "metadata.annotations['note']",
    "metadata.labels['none']",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.podIP",
    "status.podIPs",
    "status.hostIP",
  ];
  const env = paths.map((fieldPath) => ({ name: fieldPath, valueFrom: { fieldRef: { fieldPath } } }));
  expect(Object.values(await environment({ env }))).toEqual([
    "p",
    "ns",
    "u-1",
    "c",
    "hi",
    "",
    "n1",
    "sa",
    "10.42.0.5",
    "10.42.0.5",
    "192.0.2.1",
  ]);
});

test("makeEnvironment gives resources in units of the divisor, and the node's where there is no limit", async () => {
  const ref = (resource: string, divisor?: string) => ({
    name: `${resource}/${divisor ?? ""}`,
    valueFrom: { resourceFieldRef: { resource, ...(divisor && { divisor }) } },
  });
  const env = [
    ref("limits.cpu"),
    ref("limits.cpu", "1m"),
    ref("requests.cpu", "1m"),
    ref("requests.memory", "1Mi"),
    ref("limits.memory", "0"),
  ];
  expect(Object.values(await environment({ env }))).toEqual(["2", "1500", "1500", "100", "1073741824"]);
});

test("makeEnvironment lets env override envFrom and use what stands before it", async () => {
  const env = await environment({
    envFrom: [{ configMapRef: { name: "settings" } }, { prefix: "K_", secretRef: { name: "keys" } }],
    env: [
      { name: "A", value: "$(COLOR)-$(K_token)" },
      { name: "COLOR", value: "blue" },
      { name: "B", value: "$(A) $(COLOR) $(LATER) $$(A)" },
      { name: "LATER", valueFrom: { configMapKeyRef: { name: "settings", key: "COLOR" } } },
    ],
  });
  expect(env).toEqual({
    COLOR: "blue",
    K_token: "t0ken",
    A: "red-t0ken",
    B: "red-t0ken blue $(LATER) $(A)",
    LATER: "red",
  });
});

test("makeEnvironment says which reference leads nowhere, in the kubelet's words", async () => {
  const cases: ReadonlyArray<readonly [Partial<V1Container>, string]> = [
    [{ envFrom: [{ configMapRef: { name: "gone" } }] }, 'configmap "gone" not found'],
    [{ envFrom: [{ secretRef: { name: "gone" } }] }, 'secret "gone" not found'],
    [
      { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "settings", key: "k" } } }] },
      "couldn't find key k in ConfigMap ns/settings",
    ],
    [
      { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "keys", key: "k" } } }] },
      "couldn't find key k in Secret ns/keys",
    ],
    [
      { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.x" } } }] },
      "unsupported fieldPath: spec.x",
    ],
  ];
  for (const [extra, message] of cases) {
    await expect(environment(extra)).rejects.toMatchObject({ reason: "CreateContainerConfigError", message });
  }
});

test("makeEnvironment passes over optional references that lead nowhere", async () => {
  expect(
    await environment({
      envFrom: [{ configMapRef: { name: "gone", optional: true } }],
      env: [{ name: "A", valueFrom: { secretKeyRef: { name: "gone", key: "k", optional: true } } }],
    }),
  ).toEqual({});
});

test("makeEnvironment adds the variables of Services, which the container's own go before", async () => {
  const services = new Map([
    ["WEB_SERVICE_HOST", "10.43.0.9"],
    ["WEB_SERVICE_PORT", "80"],
  ]);
  const env = [
    { name: "URL", value: "http://$(WEB_SERVICE_HOST):$(WEB_SERVICE_PORT)" },
    { name: "WEB_SERVICE_PORT", value: "8080" },
  ];
  const made = await makeEnvironment(pod, { ...container, env }, context, source, services);
  expect(Object.fromEntries(made)).toEqual({
    URL: "http://10.43.0.9:80",
    WEB_SERVICE_HOST: "10.43.0.9",
    WEB_SERVICE_PORT: "8080",
  });
});

test("makeEnvironment reads variables from files that containers made", async () => {
  const from = (path: string, key: string, optional = false): Promise<Record<string, string>> => {
    const fileKeyRef = { volumeName: "data", path, key, optional };
    return environment({ env: [{ name: "A", valueFrom: { fileKeyRef } }] });
  };
  expect(await from("made.env", "PORT")).toEqual({ A: "80" });
  expect(await from("made.env", "HOST", true)).toEqual({});
  expect(await from("none.env", "HOST", true)).toEqual({});
  expect(from("made.env", "HOST")).rejects.toThrow(
    'environment variable key "HOST" not found in file "made.env"',
  );
  expect(from("bad.env", "PORT", true)).rejects.toThrow(
    `couldn't parse env file "bad.env": line 1: expected NAME='value'`,
  );
});
