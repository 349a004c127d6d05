import { expect, test } from "bun:test";
import type { V1Pod, V1Volume } from "../../../supervisor/api/generated/types.ts";
import { volumeContents } from "./volume-contents.ts";
import type { VolumeSource } from "./volume-source.ts";

const source: VolumeSource = {
  claim: async () => undefined,
  persistentVolume: async () => undefined,
  configMap: async (_, name) =>
    name === "settings"
      ? { data: { "a.conf": "one", "b.conf": "two" }, binaryData: { logo: "AAH/" } }
      : undefined,
  secret: async (_, name) => (name === "login" ? { data: { password: "c2VjcmV0" } } : undefined),
  token: async (pod, { audience = "api", expirationSeconds }) => {
    if (audience === "refused") throw new Error('failed to fetch token: serviceaccounts "app" not found');
    return `${pod.spec?.serviceAccountName} for ${audience}, ${expirationSeconds} s`;
  },
};

const plain: V1Pod = {
  metadata: {
    name: "web",
    namespace: "shop",
    uid: "u1",
    labels: { tier: "front", app: 'a "b"' },
    annotations: { note: "two\nlines" },
  },
  spec: {
    serviceAccountName: "app",
    containers: [{ name: "web", resources: { limits: { cpu: "1500m", memory: "64Mi" } } }],
  },
};

/** The volume's files: text and mode, and the owner where there is one. */
async function files(volume: Omit<V1Volume, "name">, pod = plain): Promise<object> {
  const context = { podAddresses: [], hostAddress: "192.0.2.1", nodeAllocatable: {} };
  const contents = await volumeContents({ name: "v", ...volume }, { pod, source, context });
  const entries = [...(contents ?? [])].map(([path, { content, mode, owner }]) => {
    const text = Buffer.from(content).toString("latin1");
    return [path, owner === undefined ? [text, mode] : [text, mode, owner]];
  });
  return Object.fromEntries(entries);
}

test("a ConfigMap's keys are files, text and bytes", async () => {
  expect(await files({ configMap: { name: "settings", defaultMode: 0o400 } })).toEqual({
    "a.conf": ["one", 0o400],
    "b.conf": ["two", 0o400],
    logo: ["\0\x01\xff", 0o400],
  });
});

test("items choose keys and say path and mode", async () => {
  const items = [
    { key: "b.conf", path: "deep//down/b" },
    { key: "a.conf", path: "./a", mode: 0o600 },
  ];
  expect(await files({ configMap: { name: "settings", items } })).toEqual({
    "deep/down/b": ["two", 0o644],
    a: ["one", 0o600],
  });
});

test("what is not there is named in the kubelet's words, and passed over where it is optional", async () => {
  const items = [{ key: "none", path: "x" }];
  const refusals: Array<[Omit<V1Volume, "name">, string]> = [
    [{ configMap: { name: "y" } }, 'configmap "y" not found'],
    [{ secret: { secretName: "y" } }, 'secret "y" not found'],
    [{ configMap: { name: "settings", items } }, "configmap references non-existent config key: none"],
    [{ secret: { secretName: "login", items } }, "references non-existent secret key: none"],
    [
      { projected: { sources: [{ configMap: { name: "y" } }, { secret: { name: "z" } }] } },
      '[configmap "y" not found, secret "z" not found]',
    ],
    [
      { projected: { sources: [{ serviceAccountToken: { path: "t", audience: "refused" } }] } },
      'failed to fetch token: serviceaccounts "app" not found',
    ],
    [
      { downwardAPI: { items: [{ path: "x", fieldRef: { fieldPath: "metadata.shoe" } }] } },
      "unsupported fieldPath: metadata.shoe",
    ],
  ];
  for (const [volume, text] of refusals) expect(files(volume)).rejects.toThrow(new Error(text));
  expect(await files({ configMap: { name: "y", optional: true } })).toEqual({});
  expect(await files({ secret: { secretName: "login", items, optional: true } })).toEqual({});
});

test("what a Pod says of itself", async () => {
  const items = [
    { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
    { path: "annotations", fieldRef: { fieldPath: "metadata.annotations" }, mode: 0o440 },
    { path: "where", fieldRef: { fieldPath: "metadata.namespace" } },
    { path: "cpu", resourceFieldRef: { containerName: "web", resource: "limits.cpu", divisor: "1m" } },
  ];
  expect(await files({ downwardAPI: { items } })).toEqual({
    labels: ['app="a \\"b\\""\ntier="front"', 0o644],
    annotations: ['note="two\\nlines"', 0o440],
    where: ["shop", 0o644],
    cpu: ["1500", 0o644],
  });
});

test("sources are put together, and the later one's file is there", async () => {
  const sources = [
    { serviceAccountToken: { path: "token", expirationSeconds: 3607 } },
    { configMap: { name: "settings", items: [{ key: "a.conf", path: "x" }] } },
    { secret: { name: "login", items: [{ key: "password", path: "x", mode: 0o600 }] } },
  ];
  const volume = { projected: { sources, defaultMode: 0o444 } };
  expect(await files(volume)).toEqual({
    token: ["app for api, 3607 s", 0o444],
    x: ["secret", 0o600],
  });
});

test("a token is its reader's alone where one user or a group is named", async () => {
  const volume = { projected: { sources: [{ serviceAccountToken: { path: "token" } }] } };
  const [web] = plain.spec?.containers ?? [];
  const as = (runAsUser: number, other?: number): V1Pod => ({
    ...plain,
    spec: {
      securityContext: { runAsUser },
      containers: [
        { name: "a", ...web },
        { name: "b", ...(other !== undefined && { securityContext: { runAsUser: other } }) },
      ],
    },
  });
  const text = "undefined for api, undefined s";
  expect(await files(volume, as(7))).toEqual({ token: [text, 0o600, 7] });
  expect(await files(volume, as(7, 8))).toEqual({ token: [text, 0o644] });
  const grouped = { ...plain, spec: { containers: [], securityContext: { fsGroup: 9 } } };
  expect(await files(volume, grouped)).toEqual({ token: [text, 0o600] });
});
