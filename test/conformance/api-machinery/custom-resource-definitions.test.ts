import { expect } from "bun:test";
import type {
  V1CustomResourceDefinition,
  V1CustomResourceDefinitionList,
} from "../../../supervisor/api/generated/types.ts";
import type { KubernetesObject } from "../../../supervisor/client/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";
import { defineResource, definitionsPath } from "../support/custom-resources.ts";

const cluster = useCluster();

interface Custom extends KubernetesObject {
  readonly a?: string;
  readonly b?: string;
  readonly dummy?: string;
}

interface WithStatus extends KubernetesObject {
  readonly status: { readonly conditions?: readonly object[] };
}

conformanceTest(
  "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition creating/deleting custom resource definition objects works [Conformance]",
  async () => {
    const resource = await defineResource(cluster.api, { scope: "Cluster" });
    const { conditions, acceptedNames, storedVersions } = resource.definition.status ?? {};
    expect(conditions).toContainEqual(expect.objectContaining({ type: "NamesAccepted", status: "True" }));
    expect(acceptedNames).toMatchObject({ plural: resource.plural, kind: resource.kind });
    expect(storedVersions).toEqual(["v1"]);
    const object = { apiVersion: resource.apiVersion, kind: resource.kind, metadata: { name: "one" } };
    await cluster.api.create<Custom>(resource.path(), object);
    await cluster.api.delete(resource.definitionPath);
    await cluster.api.gone(resource.definitionPath);
    await cluster.api.gone(resource.path());
  },
);

conformanceTest(
  "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition listing custom resource definition objects works [Conformance]",
  async () => {
    const label = Math.random().toString(36).slice(2);
    const made: V1CustomResourceDefinition[] = [];
    for (let index = 0; index < 10; index += 1) {
      made.push(
        (await defineResource(cluster.api, { scope: "Cluster", labels: { listed: label } })).definition,
      );
    }
    const other = await defineResource(cluster.api, { scope: "Cluster" });
    const selection = `${definitionsPath}?labelSelector=listed=${label}`;
    const { items } = await cluster.api.get<V1CustomResourceDefinitionList>(selection);
    const specs = (list: readonly V1CustomResourceDefinition[]): unknown[] => {
      return list.map(({ metadata, spec }) => [metadata?.name, spec]).toSorted();
    };
    expect(specs(items)).toEqual(specs(made));
    await cluster.api.delete(selection);
    await eventually("the selected definitions are gone", 30_000, async () => {
      return (await cluster.api.get<V1CustomResourceDefinitionList>(selection)).items.length === 0;
    });
    expect((await cluster.api.call("GET", other.definitionPath)).status).toBe(200);
    expect((await cluster.api.call("GET", other.path())).status).toBe(200);
  },
);

conformanceTest(
  "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition getting/updating/patching custom resource definition status sub-resource works [Conformance]",
  async () => {
    const { definition, definitionPath } = await defineResource(cluster.api, { scope: "Cluster" });
    const path = `${definitionPath}/status`;
    expect((await cluster.api.get<V1CustomResourceDefinition>(path)).spec).toEqual(definition.spec);
    // Conditions without a type and a status are let in, as ever.
    const updated = { message: "updated" };
    const afterUpdate = await cluster.api.update<WithStatus>(path, (found) => {
      return {
        ...found,
        status: { ...found.status, conditions: [...(found.status.conditions ?? []), updated] },
      };
    });
    expect(afterUpdate.status.conditions).toContainEqual(expect.objectContaining(updated));
    const patch = [{ op: "add", path: "/status/conditions", value: [{ message: "patched" }] }];
    const afterPatch = await cluster.api.patch<V1CustomResourceDefinition>(path, patch, "json-patch");
    expect(afterPatch.status?.conditions).toContainEqual(expect.objectContaining({ message: "patched" }));
    expect(afterPatch.spec).toEqual(definition.spec);
  },
);

conformanceTest(
  "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] custom resource defaulting for requests and from storage works [Conformance]",
  async () => {
    const text = { type: "string" };
    const schema = {
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
      properties: { a: text, b: text },
    };
    const resource = await defineResource(cluster.api, { scope: "Cluster", schema });
    const { apiVersion, kind, definitionPath } = resource;
    const create = (name: string): Promise<Custom> => {
      return cluster.api.create<Custom>(resource.path(), { apiVersion, kind, metadata: { name } });
    };
    const get = (name: string): Promise<Custom> => cluster.api.get<Custom>(`${resource.path()}/${name}`);
    expect((await create("first")).a).toBeUndefined();

    const fields = "/spec/versions/0/schema/openAPIV3Schema/properties";
    const defaultA = [{ op: "add", path: `${fields}/a/default`, value: "A" }];
    await cluster.api.patch(definitionPath, defaultA, "json-patch");
    await eventually("a is defaulted on reading", 20_000, async () => (await get("first")).a === "A");
    expect((await create("second")).a).toBe("A");

    const defaultB = [
      { op: "remove", path: `${fields}/a/default` },
      { op: "add", path: `${fields}/b/default`, value: "B" },
    ];
    await cluster.api.patch(definitionPath, defaultB, "json-patch");
    await eventually("b is defaulted on reading", 20_000, async () => (await get("second")).b === "B");
    // What was stored stays; what was only defaulted on reading does not.
    expect(await get("second")).toMatchObject({ a: "A", b: "B" });
    expect((await get("first")).a).toBeUndefined();
  },
);

conformanceTest(
  "[sig-api-machinery] CustomResourceDefinition Watch [Privileged:ClusterAdmin] CustomResourceDefinition Watch watch on custom resource definition objects [Conformance]",
  async () => {
    const resource = await defineResource(cluster.api, { scope: "Cluster" });
    const { apiVersion, kind } = resource;
    const path = resource.path();
    const names = ["first", "second"];
    const watches = await Promise.all(
      names.map((name) => cluster.api.watch<Custom>(`${path}?fieldSelector=metadata.name=${name}`)),
    );
    for (const name of names) {
      const created = await cluster.api.create<Custom>(path, { apiVersion, kind, metadata: { name } });
      expect(created).toMatchObject({ apiVersion, kind, metadata: { uid: expect.any(String) } });
    }
    const patch = [{ op: "add", path: "/dummy", value: "test" }];
    for (const name of names) await cluster.api.patch(`${path}/${name}`, patch, "json-patch");
    for (const name of names) await cluster.api.delete(`${path}/${name}`);
    for (const [index, watch] of watches.entries()) {
      await watch.until("DELETED");
      expect(watch.events.map(({ type, object }) => [type, object.metadata?.name, object.dummy])).toEqual([
        ["ADDED", names[index], undefined],
        ["MODIFIED", names[index], "test"],
        ["DELETED", names[index], "test"],
      ]);
      watch.stop();
    }
  },
);
