/** PodTemplates. */
import { expect } from "bun:test";
import type { V1PodTemplate } from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection, nameOf } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();

function templatesOf(namespace: string): Collection<V1PodTemplate> {
  return new Collection(cluster.api, `/api/v1/namespaces/${namespace}/podtemplates`);
}

function template(name: string, labels: Record<string, string>): V1PodTemplate {
  const containers = [{ name: "nginx", image: "nginx" }];
  return { metadata: { name, labels }, template: { spec: { containers } } };
}

conformanceTest(
  "[sig-node] PodTemplates should run the lifecycle of PodTemplates [Conformance]",
  async () => {
    const namespace = await cluster.namespace("templates");
    const templates = templatesOf(namespace);
    const everywhere = new Collection<V1PodTemplate>(cluster.api, "/api/v1/podtemplates");
    const labelSelector = `test=${namespace}`;
    expect(await everywhere.items({ labelSelector })).toEqual([]);
    await templates.create(template("nginx", { test: namespace }));
    expect(nameOf(await templates.get("nginx"))).toBe("nginx");
    const patch = { metadata: { labels: { stage: "patched" } } };
    await templates.patch("nginx", patch, { kind: "strategic-merge-patch" });
    const read = await templates.get("nginx");
    expect(read.metadata?.labels).toEqual({ test: namespace, stage: "patched" });
    expect(read.template?.spec?.containers).toMatchObject([{ name: "nginx", image: "nginx" }]);
    expect((await everywhere.items({ labelSelector })).map(nameOf)).toEqual(["nginx"]);
    await templates.delete("nginx");
    expect(await everywhere.items({ labelSelector })).toEqual([]);
  },
);

conformanceTest(
  "[sig-node] PodTemplates should delete a collection of pod templates [Conformance]",
  async () => {
    const templates = templatesOf(await cluster.namespace("templates"));
    const names = ["template-1", "template-2", "template-3"];
    for (const name of names) await templates.create(template(name, { set: "all" }));
    await templates.create(template("other", { set: "other" }));
    expect((await templates.items({ labelSelector: "set=all" })).map(nameOf)).toEqual(names);
    await templates.deleteAll({ labelSelector: "set=all" });
    expect((await templates.items()).map(nameOf)).toEqual(["other"]);
  },
);

conformanceTest("[sig-node] PodTemplates should replace a pod template [Conformance]", async () => {
  const templates = templatesOf(await cluster.namespace("templates"));
  const created = await templates.create(template("nginx", { set: "all" }));
  const annotations = { updated: "true" };
  const replaced = await templates.update("nginx", (object) => ({
    ...object,
    metadata: { ...object.metadata, annotations },
  }));
  expect(replaced.metadata?.annotations).toEqual(annotations);
  expect(replaced.metadata?.uid).toBe(created.metadata?.uid ?? "");
  expect((await templates.get("nginx")).metadata?.annotations).toEqual(annotations);
});
