import { expect } from "bun:test";
import type { Answer } from "../support/api.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";
import { type CustomResource, defineResource } from "../support/custom-resources.ts";

const cluster = useCluster();
const query = "fieldManager=field_validation_mgr&fieldValidation=Strict";

/** Creates a Deployment with further text in its metadata and its spec. */
async function createDeployment(metadata: string, spec: string): Promise<Answer> {
  const namespace = await cluster.namespace("field-validation");
  const template =
    '{"metadata":{"labels":{"app":"nginx"}},"spec":{"containers":[{"name":"nginx","image":"nginx"}]}}';
  const body = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"my-dep"${metadata}},
    "spec":{${spec}"selector":{"matchLabels":{"app":"nginx"}},"template":${template}}}`;
  return await cluster.api.call("POST", `/apis/apps/v1/namespaces/${namespace}/deployments?${query}`, {
    body,
  });
}

conformanceTest(
  "[sig-api-machinery] FieldValidation should detect unknown and duplicate fields of a typed object [Conformance]",
  async () => {
    const { status, body } = await createDeployment("", '"unknownField":"foo","replicas":2,"replicas":3,');
    expect(status).toBe(400);
    expect(body.message).toContain(
      'strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"',
    );
  },
);

conformanceTest(
  "[sig-api-machinery] FieldValidation should detect unknown metadata fields of a typed object [Conformance]",
  async () => {
    const { status, body } = await createDeployment(',"unknownMeta":"foo"', "");
    expect(status).toBe(400);
    expect(body.message).toContain('strict decoding error: unknown field "metadata.unknownMeta"');
  },
);

const text = { type: "string" };
const port = {
  type: "object",
  required: ["containerPort", "protocol"],
  properties: {
    containerPort: { type: "integer", format: "int32" },
    hostIP: text,
    hostPort: { type: "integer", format: "int32" },
    name: text,
    protocol: text,
  },
};
const properties = {
  foo: text,
  cronSpec: { type: "string", pattern: "^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$" },
  ports: {
    type: "array",
    items: port,
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["containerPort", "protocol"],
  },
};
const preserving = { "x-kubernetes-preserve-unknown-fields": true };
const embedded = {
  type: "object",
  "x-kubernetes-embedded-resource": true,
  properties: { metadata: { type: "object", properties: { name: text } }, spec: { type: "object" } },
};

function schemaOf(spec: object): object {
  return { type: "object", properties: { spec: { type: "object", ...spec } } };
}

const validSpec = `  foo: foo1
  cronSpec: "* * * * */5"
  ports:
  - name: x
    containerPort: 80
    protocol: TCP`;

/** Applies an object of the resource: the lines of its spec, and further ones in its metadata and at its root. */
async function apply(
  resource: CustomResource,
  spec: string,
  { metadata = "", root = "" }: { readonly metadata?: string; readonly root?: string } = {},
): Promise<Answer> {
  const body = `
apiVersion: ${resource.apiVersion}
kind: ${resource.kind}
metadata:
  name: mytest
${metadata}  finalizers:
  - test-finalizer
${root}spec:
${spec}`;
  const headers = { "content-type": "application/apply-patch+yaml" };
  return await cluster.api.call("PATCH", `${resource.path()}/mytest?${query}`, { headers, body });
}

function define(schema?: object): Promise<CustomResource> {
  return defineResource(cluster.api, { scope: "Cluster", ...(schema && { schema }) });
}

conformanceTest(
  "[sig-api-machinery] FieldValidation should create/apply a valid CR for CRD with validation schema [Conformance]",
  async () => {
    const resource = await define(schemaOf({ properties }));
    const { status, body } = await apply(resource, validSpec);
    expect(status).toBe(201);
    expect(body.spec.ports).toEqual([{ name: "x", containerPort: 80, protocol: "TCP" }]);
  },
);

conformanceTest(
  "[sig-api-machinery] FieldValidation should create/apply a CR with unknown fields for CRD with no validation schema [Conformance]",
  async () => {
    const { status, body } = await apply(await define(), `  unknown: uk1\n${validSpec}`);
    expect(status).toBe(201);
    expect(body.spec.unknown).toBe("uk1");
  },
);

conformanceTest(
  "[sig-api-machinery] FieldValidation should create/apply an invalid CR with extra properties for CRD with validation schema [Conformance]",
  async () => {
    const resource = await define(schemaOf({ properties }));
    const { status, text: message } = await apply(resource, validSpec, { root: "unknownField: unknown\n" });
    expect(status).toBe(500);
    expect(message).toContain(".unknownField: field not declared in schema");
  },
);

conformanceTest(
  "[sig-api-machinery] FieldValidation should detect unknown metadata fields in both the root and embedded object of a CR [Conformance]",
  async () => {
    const resource = await define(
      schemaOf({ ...preserving, properties: { ...properties, template: embedded } }),
    );
    const template = `  template:
    apiVersion: foo/v1
    kind: Sub
    metadata:
      unknownSubMeta: unknown
      name: subobject
`;
    const inside = await apply(resource, template + validSpec);
    expect(inside.status).toBe(500);
    expect(inside.text).toContain(".spec.template.metadata.unknownSubMeta: field not declared in schema");
    const outside = await apply(resource, validSpec, { metadata: "  unknownMeta: unknown\n" });
    expect(outside.status).toBe(500);
    expect(outside.text).toContain(".metadata.unknownMeta: field not declared in schema");
    expect((await cluster.api.call("GET", `${resource.path()}/mytest`)).status).toBe(404);
  },
);

conformanceTest(
  "[sig-api-machinery] FieldValidation should detect duplicates in a CR when preserving unknown fields [Conformance]",
  async () => {
    const resource = await define(schemaOf({ ...preserving, properties }));
    const spec = `  unknown: uk1\n  foo: foo0\n${validSpec}`;
    const { status, body } = await apply(resource, spec);
    expect(status).toBe(400);
    expect(body.message).toContain('line 11: key "foo" already set in map');
  },
);
