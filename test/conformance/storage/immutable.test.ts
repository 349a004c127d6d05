/** ConfigMaps and Secrets that may not change any more. */
import { expect } from "bun:test";
import type { V1ConfigMap, V1Secret } from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection, labelled } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();

/** Changes data until the object is immutable, and then is refused all but labels. */
async function checkImmutable(
  resource: "configmaps" | "secrets",
  one: Record<string, string>,
  two: Record<string, string>,
): Promise<void> {
  const namespace = await cluster.namespace("immutable");
  const path = `/api/v1/namespaces/${namespace}/${resource}`;
  const objects = new Collection<V1ConfigMap & V1Secret>(cluster.api, path);
  await objects.create({ metadata: { name: "settings" }, data: one });
  const free = await objects.update("settings", (object) => ({ ...object, data: two }));
  expect(free.data).toEqual(two);
  const fixed = await objects.update("settings", (object) => ({ ...object, immutable: true }));
  expect(fixed.immutable).toBe(true);
  const { immutable: _, ...withoutMark } = fixed;
  const changes = [{ ...fixed, data: one }, { ...fixed, immutable: false }, withoutMark];
  for (const change of changes) {
    const refused = await cluster.api.call("PUT", objects.at("settings"), { body: change });
    expect(refused.status).toBe(422);
    expect(refused.body.message).toContain("field is immutable when `immutable` is set");
  }
  const relabelled = await objects.update("settings", (object) => labelled(object, "still", "allowed"));
  expect(relabelled).toMatchObject({
    data: two,
    immutable: true,
    metadata: { labels: { still: "allowed" } },
  });
  await objects.delete("settings");
  await objects.gone("settings");
}

conformanceTest("[sig-storage] ConfigMap should be immutable if `immutable` field is set [Conformance]", () =>
  checkImmutable("configmaps", { key: "one" }, { key: "two" }),
);

conformanceTest("[sig-storage] Secrets should be immutable if `immutable` field is set [Conformance]", () =>
  checkImmutable("secrets", { key: btoa("one") }, { key: btoa("two") }),
);
