import { expect } from "bun:test";
import { expectedResources, pathOf } from "../support/api-facts.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();

interface Group {
  readonly kind: string;
  readonly name: string;
  readonly versions: readonly { readonly groupVersion: string; readonly version: string }[];
  readonly preferredVersion: { readonly groupVersion: string; readonly version: string };
}

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly { readonly name: string }[];
}

conformanceTest(
  "[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup [Conformance]",
  async () => {
    const { groups } = await cluster.api.get<{ groups: Group[] }>("/apis/");
    expect(groups.length).toBeGreaterThan(15);
    for (const { name } of groups) {
      const { kind, versions, preferredVersion } = await cluster.api.get<Group>(`/apis/${name}/`);
      expect(kind).toBe("APIGroup");
      expect(versions).toContainEqual(preferredVersion);
    }
  },
);

conformanceTest(
  "[sig-api-machinery] Discovery should locate the groupVersion and a resource within each APIGroup [Conformance]",
  async () => {
    for (const [groupVersion, resource] of expectedResources) {
      const list = await cluster.api.get<ResourceList>(pathOf(groupVersion));
      expect(list.groupVersion).toBe(groupVersion);
      expect(list.resources.map(({ name }) => name)).toContain(resource);
    }
  },
);

conformanceTest(
  "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] should include custom resource definition resources in discovery documents [Conformance]",
  async () => {
    const version = { groupVersion: "apiextensions.k8s.io/v1", version: "v1" };
    const { groups } = await cluster.api.get<{ groups: Group[] }>("/apis");
    expect(groups.find(({ name }) => name === "apiextensions.k8s.io")?.versions).toContainEqual(version);
    const group = await cluster.api.get<Group>("/apis/apiextensions.k8s.io");
    expect(group.name).toBe("apiextensions.k8s.io");
    expect(group.versions).toContainEqual(version);
    const list = await cluster.api.get<ResourceList>("/apis/apiextensions.k8s.io/v1");
    expect(list.groupVersion).toBe("apiextensions.k8s.io/v1");
    expect(list.resources.map(({ name }) => name)).toContain("customresourcedefinitions");
  },
);

conformanceTest(
  "[sig-api-machinery] Servers with support for Table transformation should return a 406 for a backend which does not implement metadata [Conformance]",
  async () => {
    const { status, body } = await cluster.api.call(
      "POST",
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      {
        headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
        body: { spec: { nonResourceAttributes: { path: "/", verb: "get" } } },
      },
    );
    expect(status).toBe(406);
    expect(body).toMatchObject({ kind: "Status", reason: "NotAcceptable", code: 406 });
  },
);
