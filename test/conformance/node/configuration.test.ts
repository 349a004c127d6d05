/** ConfigMaps and Secrets. */
import { expect } from "bun:test";
import type { V1ConfigMap, V1Secret } from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();

type Data = V1ConfigMap | V1Secret;

function mapsOf(namespace: string): Collection<V1ConfigMap> {
  return new Collection(cluster.api, `/api/v1/namespaces/${namespace}/configmaps`);
}

function secretsOf(namespace: string): Collection<V1Secret> {
  return new Collection(cluster.api, `/api/v1/namespaces/${namespace}/secrets`);
}

/** Patches an object's data and finds it by the patched label, then deletes it by another. */
async function checkPatching(
  resource: "configmaps" | "secrets",
  first: Readonly<Record<string, string>>,
  second: Readonly<Record<string, string>>,
): Promise<void> {
  const namespace = await cluster.namespace("patching");
  const objects = new Collection<Data>(cluster.api, `/api/v1/namespaces/${namespace}/${resource}`);
  const everywhere = new Collection<Data>(cluster.api, `/api/v1/${resource}`);
  const labelSelector = `test=${namespace}`;
  await objects.create({ metadata: { name: "settings", labels: { test: namespace } }, data: first });
  expect(await objects.get("settings")).toMatchObject({
    metadata: { name: "settings", labels: { test: namespace } },
    data: first,
  });
  const patch = { metadata: { labels: { patched: namespace } }, data: second };
  await objects.patch("settings", patch, { kind: "strategic-merge-patch" });
  const found = await everywhere.items({ labelSelector: `patched=${namespace}` });
  expect(found).toMatchObject([{ metadata: { name: "settings", namespace, labels: { test: namespace } } }]);
  expect(found[0]?.data).toEqual({ ...first, ...second });
  await objects.deleteAll({ labelSelector });
  expect(await everywhere.items({ labelSelector })).toEqual([]);
  expect(await objects.statusOf("settings")).toBe(404);
}

conformanceTest("[sig-node] ConfigMap should run through a ConfigMap lifecycle [Conformance]", () =>
  checkPatching("configmaps", { key: "one", kept: "yes" }, { key: "two" }),
);

conformanceTest("[sig-node] Secrets should patch a secret [Conformance]", () =>
  checkPatching("secrets", { key: btoa("one"), kept: btoa("yes") }, { key: btoa("two") }),
);

conformanceTest(
  "[sig-node] ConfigMap should update ConfigMap successfully [NodeConformance] [Conformance]",
  async () => {
    const maps = mapsOf(await cluster.namespace("update"));
    await maps.create({ metadata: { name: "settings" }, data: { one: "1", two: "2", three: "3" } });
    // Without a resourceVersion: whatever is there is replaced.
    const replacement = { metadata: { name: "settings" }, data: { data: "value" } };
    await cluster.api.replace(maps.at("settings"), replacement);
    expect((await maps.get("settings")).data).toEqual({ data: "value" });
  },
);

conformanceTest(
  "[sig-node] ConfigMap should fail to create ConfigMap with empty key [Conformance]",
  async () => {
    const maps = mapsOf(await cluster.namespace("empty-key"));
    await expect(
      maps.create({ metadata: { name: "settings" }, data: { "": "value" } }),
    ).rejects.toMatchObject({
      code: 422,
      message: expect.stringContaining(
        'data[]: Invalid value: "": a valid config key must consist of alphanumeric characters',
      ),
    });
    expect(await maps.statusOf("settings")).toBe(404);
  },
);

conformanceTest(
  "[sig-node] Secrets should fail to create secret due to empty secret key [Conformance]",
  async () => {
    const secrets = secretsOf(await cluster.namespace("empty-key"));
    const secret = { metadata: { name: "settings" }, data: { "": btoa("value") } };
    await expect(secrets.create(secret)).rejects.toMatchObject({
      code: 422,
      message: expect.stringContaining(
        'data[]: Invalid value: "": a valid config key must consist of alphanumeric characters',
      ),
    });
    expect(await secrets.statusOf("settings")).toBe(404);
  },
);
