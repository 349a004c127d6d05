import { expect, test } from "bun:test";
import { ControlPlane } from "../../../test/framework/control-plane.ts";
import { waitUntil } from "../../../test/framework/wait-until.ts";

const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

test("the status of a policy tells mistakes, also about custom resources", async () => {
  await using plane = await ControlPlane.start();
  const { api } = plane;
  const openAPIV3Schema = {
    type: "object",
    properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
  };
  const made = await api.call("POST", definitions, {
    body: {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "databases.example.com" },
      spec: {
        group: "example.com",
        scope: "Namespaced",
        names: { plural: "databases", kind: "Database" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
      },
    },
  });
  expect(made.status).toBe(201);
  await waitUntil(async () => (await api.call("GET", "/openapi/v3/apis/example.com/v1")).status === 200);
  const rule = (group: string, resource: string) => ({
    operations: ["CREATE"],
    apiGroups: [group],
    apiVersions: ["v1"],
    resources: [resource],
  });
  const create = (name: string, resourceRule: object, expression: string) =>
    api.call("POST", policies, {
      body: {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicy",
        metadata: { name },
        spec: { matchConstraints: { resourceRules: [resourceRule] }, validations: [{ expression }] },
      },
    });
  const status = async (name: string) => {
    let found: { observedGeneration?: number; typeChecking?: { expressionWarnings?: unknown } } = {};
    await waitUntil(async () => {
      found = (await api.call("GET", `${policies}/${name}`)).body.status ?? {};
      return found.typeChecking !== undefined;
    });
    return found;
  };
  await create("good", rule("apps", "deployments"), "object.spec.replicas > 1");
  expect(await status("good")).toEqual({ observedGeneration: 1, typeChecking: {} });
  await create("confused", rule("example.com", "databases"), "object.spec.size > '1'");
  expect((await status("confused")).typeChecking?.expressionWarnings).toMatchObject([
    {
      fieldRef: "spec.validations[0].expression",
      warning: expect.stringContaining("found no matching overload for '_>_' applied to '(int, string)'"),
    },
  ]);
});
