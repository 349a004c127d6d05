import { expect } from "bun:test";
import type { V1CustomResourceDefinition } from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest, kubectlTest } from "../support/conformance-test.ts";
import { type CustomResource, defineResource } from "../support/custom-resources.ts";
import { nestedSchema, openRootSchema, openSpecSchema, plainSchema } from "./published-schemas.ts";

const cluster = useCluster();

interface Definition {
  readonly properties?: Record<string, unknown>;
  readonly [field: string]: unknown;
}

/** The definition of a kind in the OpenAPI document, `com.example.group.v1.Kind`; undefined where it has none. */
async function published(resource: CustomResource, version: string): Promise<Definition | undefined> {
  const document = await cluster.api.get<{ definitions: Record<string, Definition> }>("/openapi/v2");
  const name = [...resource.group.split(".").reverse(), version, resource.kind].join(".");
  return document.definitions[name];
}

/**
 * Waits until the version is published with just this schema. One with properties has beside them what every object
 * has; to one without any nothing is added, or clients would take those for all that is allowed.
 */
async function isPublished(resource: CustomResource, version: string, schema: object): Promise<void> {
  const definition = await eventually(`${resource.kind} ${version} is published`, 30_000, () =>
    published(resource, version),
  );
  const { "x-kubernetes-group-version-kind": groupVersionKind, properties, ...rest } = definition;
  expect(groupVersionKind).toEqual([{ group: resource.group, version, kind: resource.kind }]);
  if (properties === undefined) return expect<object>(rest).toEqual(schema);
  const { apiVersion, kind, metadata, ...own } = properties;
  expect(apiVersion).toMatchObject({ type: "string" });
  expect(kind).toMatchObject({ type: "string" });
  expect(metadata).toMatchObject({ $ref: expect.stringMatching(/\.meta\.v1\.ObjectMeta/) });
  const all: object = { ...rest, properties: own };
  expect(all).toEqual(schema);
}

async function isWithdrawn(resource: CustomResource, version: string): Promise<void> {
  await eventually(`${resource.kind} ${version} is published no more`, 30_000, async () => {
    return (await published(resource, version)) === undefined;
  });
}

/** Creates and applies the object with kubectl, which validates it; deletes it each time. */
async function kubectlTakes(resource: CustomResource, content: object): Promise<void> {
  const namespace = await cluster.namespace("publish");
  const { apiVersion, kind, plural } = resource;
  const object = { apiVersion, kind, metadata: { name: "test-cr" }, ...content };
  for (const verb of ["create", "apply"]) {
    const made = await cluster.kubectlWith(object, verb, "-n", namespace, "-f", "-");
    expect(made).toMatchObject({ code: 0, stderr: "" });
    await cluster.says("delete", "-n", namespace, `${plural}.${resource.group}`, "test-cr");
  }
}

async function kubectlRefuses(resource: CustomResource, content: object, why: RegExp): Promise<void> {
  const { apiVersion, kind } = resource;
  const object = { apiVersion, kind, metadata: { name: "test-cr", namespace: "default" }, ...content };
  for (const verb of ["create", "apply"]) {
    const refused = await cluster.kubectlWith(object, verb, "-f", "-");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(why);
  }
}

async function withdraw(resource: CustomResource, ...versions: string[]): Promise<void> {
  await cluster.api.delete(resource.definitionPath);
  for (const version of versions) await isWithdrawn(resource, version);
}

kubectlTest(
  "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD with validation schema [Conformance]",
  async () => {
    const resource = await defineResource(cluster.api, { schema: nestedSchema });
    await isPublished(resource, "v1", nestedSchema);
    await kubectlTakes(resource, { spec: { boxes: [{ name: "test" }] } });
    const unknownState = { spec: { boxes: [{ name: "test", state: "Unheard" }] } };
    await kubectlRefuses(resource, unknownState, /Unsupported value: "Unheard"/);
    await kubectlRefuses(resource, { spec: { other: true } }, /unknown field "spec.other"/);
    await kubectlRefuses(
      resource,
      { spec: { boxes: [{ age: "10" }] } },
      /spec\.boxes\[0\]\.name: Required value/,
    );
    const { plural } = resource;
    expect(await cluster.says("explain", plural)).toMatch(
      /DESCRIPTION:\s+A shelf for tests.*FIELDS:.*apiVersion\s*<string>\s+APIVersion defines.*spec\s*<Object>\s+What the shelf shall hold/s,
    );
    expect(await cluster.says("explain", `${plural}.metadata`)).toMatch(
      /DESCRIPTION:.*Standard object's metadata.*FIELDS:.*creationTimestamp\s*<string>\s+CreationTimestamp is a timestamp/s,
    );
    expect(await cluster.says("explain", `${plural}.spec`)).toMatch(
      /DESCRIPTION:\s+What the shelf shall hold.*FIELDS:\s+boxes\s*<\[\]Object>\s+The boxes and what they are made of/s,
    );
    expect(await cluster.says("explain", `${plural}.spec.boxes`)).toMatch(
      /FIELD: boxes <\[\]Object>.*DESCRIPTION:\s+The boxes.*FIELDS:.*name\s*<string> -required-\s+The name of a box.*parts\s*<\[\]string>\s+The parts/s,
    );
    const wrong = await cluster.kubectl("explain", `${plural}.spec.boxes2`);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('field "boxes2" does not exist');
    await withdraw(resource, "v1");
  },
);

kubectlTest(
  "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD without validation schema [Conformance]",
  async () => {
    const resource = await defineResource(cluster.api);
    await isPublished(resource, "v1", { type: "object" });
    await kubectlTakes(resource, { a: { b: [{ c: "d" }] } });
    expect(await cluster.says("explain", resource.plural)).toMatch(/DESCRIPTION:\s+<empty>/);
    await withdraw(resource, "v1");
  },
);

kubectlTest(
  "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD preserving unknown fields at the schema root [Conformance]",
  async () => {
    const resource = await defineResource(cluster.api, { schema: openRootSchema });
    await kubectlTakes(resource, { a: { b: [{ c: "d" }] } });
    const explained = await cluster.says("explain", resource.plural);
    expect(explained).toMatch(new RegExp(`KIND:\\s+${resource.kind}\n`));
    await withdraw(resource, "v1");
  },
);

kubectlTest(
  "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD preserving unknown fields in an embedded object [Conformance]",
  async () => {
    const resource = await defineResource(cluster.api, { schema: openSpecSchema });
    await kubectlTakes(resource, { spec: { a: null, b: [{ c: "d" }] } });
    expect(await cluster.says("explain", resource.plural)).toMatch(
      /DESCRIPTION:\s+A kind that keeps unknown fields in its spec/,
    );
    await withdraw(resource, "v1");
  },
);

conformanceTest(
  "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of different groups [Conformance]",
  async () => {
    const first = await defineResource(cluster.api, { schema: nestedSchema });
    const second = await defineResource(cluster.api, { schema: plainSchema, versions: ["v1beta1"] });
    await isPublished(second, "v1beta1", plainSchema);
    await isPublished(first, "v1", nestedSchema);
    await withdraw(first, "v1");
    await isPublished(second, "v1beta1", plainSchema);
    await withdraw(second, "v1beta1");
  },
);

conformanceTest(
  "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of same group but different versions [Conformance]",
  async () => {
    const both = await defineResource(cluster.api, { schema: nestedSchema, versions: ["v2", "v3"] });
    await isPublished(both, "v3", nestedSchema);
    await isPublished(both, "v2", nestedSchema);
    await withdraw(both, "v2", "v3");
    const first = await defineResource(cluster.api, {
      group: "common",
      schema: nestedSchema,
      versions: ["v4"],
    });
    const second = await defineResource(cluster.api, {
      group: "common",
      schema: plainSchema,
      versions: ["v5"],
    });
    expect(first.group).toBe(second.group);
    await isPublished(second, "v5", plainSchema);
    await isPublished(first, "v4", nestedSchema);
    await withdraw(first, "v4");
    await withdraw(second, "v5");
  },
);

conformanceTest(
  "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of same group and version but different kinds [Conformance]",
  async () => {
    const first = await defineResource(cluster.api, {
      group: "kinds",
      schema: nestedSchema,
      versions: ["v6"],
    });
    const second = await defineResource(cluster.api, {
      group: "kinds",
      schema: plainSchema,
      versions: ["v6"],
    });
    expect(first.apiVersion).toBe(second.apiVersion);
    await isPublished(second, "v6", plainSchema);
    await isPublished(first, "v6", nestedSchema);
    await withdraw(first, "v6");
    await withdraw(second, "v6");
  },
);

conformanceTest(
  "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] updates the published spec when one version gets renamed [Conformance]",
  async () => {
    const resource = await defineResource(cluster.api, { schema: nestedSchema, versions: ["v2", "v3"] });
    await isPublished(resource, "v3", nestedSchema);
    await isPublished(resource, "v2", nestedSchema);
    const rename = [
      { op: "test", path: "/spec/versions/1/name", value: "v3" },
      { op: "replace", path: "/spec/versions/1/name", value: "v4" },
    ];
    await cluster.api.patch(resource.definitionPath, rename, "json-patch");
    await isPublished(resource, "v4", nestedSchema);
    await isWithdrawn(resource, "v3");
    await isPublished(resource, "v2", nestedSchema);
    await withdraw(resource, "v2", "v4");
  },
);

conformanceTest(
  "[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] removes definition from spec when one version gets changed to not be served [Conformance]",
  async () => {
    const resource = await defineResource(cluster.api, {
      schema: nestedSchema,
      versions: ["v5", "v6alpha1"],
    });
    await isPublished(resource, "v6alpha1", nestedSchema);
    await isPublished(resource, "v5", nestedSchema);
    await cluster.api.update<V1CustomResourceDefinition>(resource.definitionPath, (found) => {
      const versions = found.spec.versions.map((version) => ({ ...version, served: version.name === "v5" }));
      return { ...found, spec: { ...found.spec, versions } };
    });
    await isWithdrawn(resource, "v6alpha1");
    await isPublished(resource, "v5", nestedSchema);
    await withdraw(resource, "v5");
  },
);
