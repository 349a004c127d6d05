import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../../../test/framework/test-api-server.ts";

const registration = "/apis/admissionregistration.k8s.io/v1";
let api: TestApiServer;

beforeAll(async () => {
  api = await TestApiServer.start();
});
afterAll(() => api.close());

const configMaps = { apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] };

async function policy(name: string, spec: object, binding: object = {}): Promise<void> {
  const metadata = { name };
  const created = await api.call("POST", `${registration}/validatingadmissionpolicies`, {
    body: {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        matchConstraints: { resourceRules: [{ ...configMaps, operations: ["CREATE", "UPDATE"] }] },
        ...spec,
      },
    },
  });
  expect(created.text).toContain('"failurePolicy"');
  const bound = await api.call("POST", `${registration}/validatingadmissionpolicybindings`, {
    body: {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: { policyName: name, validationActions: ["Deny"], ...binding },
    },
  });
  expect(bound.status).toBe(201);
}

async function remove(name: string): Promise<void> {
  await api.call("DELETE", `${registration}/validatingadmissionpolicies/${name}`);
  await api.call("DELETE", `${registration}/validatingadmissionpolicybindings/${name}`);
}

function create(name: string, data: object, labels: object = {}) {
  return api.call("POST", "/api/v1/namespaces/default/configmaps", {
    body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels }, data },
  });
}

test("a policy counts from the answer to its write, and refuses in upstream's words", async () => {
  await policy("sizes", {
    variables: [
      { name: "size", expression: "int(object.data.size)" },
      { name: "isBig", expression: "variables.size > 3" },
    ],
    validations: [
      { expression: "!variables.isBig", messageExpression: "'is ' + string(variables.size)" },
      { expression: "has(object.data.name)", reason: "Forbidden" },
    ],
  });
  const refused = await create("a", { size: "5", name: "x" });
  const message = `ValidatingAdmissionPolicy 'sizes' with binding 'sizes' denied request: is 5`;
  expect(refused.body).toMatchObject({
    status: "Failure",
    message: `configmaps "a" is forbidden: ${message}`,
    reason: "Invalid",
    details: { name: "a", kind: "configmaps", causes: [{ message }] },
    code: 422,
  });
  const forbidden = await create("a", { size: "2" });
  expect(forbidden.body).toMatchObject({ reason: "Forbidden", code: 403 });
  expect(forbidden.body.message).toEndWith("denied request: failed expression: has(object.data.name)");
  const broken = await create("a", { size: "two", name: "x" });
  expect(broken.body.message).toContain(
    `expression '!variables.isBig' resulted in error: composited variable "isBig" fails to evaluate: composited variable "size" fails to evaluate: type conversion error`,
  );
  expect((await create("a", { size: "2", name: "x" })).status).toBe(201);
  await remove("sizes");
  expect((await create("b", {})).status).toBe(201);
});

test("conditions, selectors, actions and the failure policy decide whether a policy counts", async () => {
  await policy(
    "warned",
    {
      matchConditions: [{ name: "admins", expression: "request.userInfo.username == 'admin'" }],
      validations: [{ expression: "object.data.a == 'b'", message: "wants b" }],
    },
    { validationActions: ["Warn", "Audit"] },
  );
  const warned = await create("warned", { a: "c" });
  expect(warned.status).toBe(201);
  expect(warned.headers.get("warning")).toContain(
    "Validation failed for ValidatingAdmissionPolicy 'warned' with binding 'warned': wants b",
  );
  await remove("warned");
  const { text: counted } = await api.call("GET", "/metrics");
  for (const action of ["warn", "audit"]) {
    expect(counted).toContain(
      `apiserver_validating_admission_policy_check_total{policy="warned",policy_binding="warned",error_type="no_error",enforcement_action="${action}"} 1`,
    );
  }

  const broken = { validations: [{ expression: "object.data.missing == 'b'" }] };
  await policy("ignored", { ...broken, failurePolicy: "Ignore" });
  expect((await create("ignored", { a: "b" })).status).toBe(201);
  await remove("ignored");

  const labelled = { matchResources: { objectSelector: { matchLabels: { kind: "x" } } } };
  await policy("selected", broken, labelled);
  expect((await create("selected", { a: "b" })).status).toBe(201);
  expect((await create("selected2", { a: "b" }, { kind: "x" })).status).toBe(422);
  await remove("selected");

  const elsewhere = { matchResources: { namespaceSelector: { matchLabels: { team: "red" } } } };
  await policy("spaces", broken, elsewhere);
  expect((await create("spaces", { a: "b" })).status).toBe(201);
  const labels = { metadata: { labels: { team: "red" } } };
  const headers = { "content-type": "application/merge-patch+json" };
  await api.call("PATCH", "/api/v1/namespaces/default", { body: labels, headers });
  expect((await create("spaces2", { a: "b" })).status).toBe(422);
  await remove("spaces");
});

test("a binding's parameters are read when they are needed", async () => {
  const paramKind = { apiVersion: "v1", kind: "ConfigMap" };
  const validations = [
    { expression: "!has(object.data.level) || int(object.data.level) <= int(params.data.max)" },
  ];
  await policy("limited", { paramKind, validations }, { paramRef: { name: "limits" } });
  const missing = await create("limited", {});
  expect(missing.body.message).toEndWith(
    "denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction",
  );
  await remove("limited");
  await create("limits", { max: "3" });
  await policy("limited", { paramKind, validations }, { paramRef: { name: "limits" } });
  expect((await create("limited", { level: "4" })).status).toBe(422);
  expect((await create("limited", { level: "3" })).status).toBe(201);
  await remove("limited");
});

test("expressions may ask what the sender may do, and look at the namespace", async () => {
  await policy("asking", {
    validations: [
      {
        expression: "authorizer.group('apps').resource('deployments').namespace('x').check('get').allowed()",
      },
      { expression: "authorizer.requestResource.check('create').allowed()" },
      { expression: "namespaceObject.metadata.name == 'default' && request.namespace == 'default'" },
      {
        expression: "!authorizer.serviceAccount('default', 'none').path('/secret').check('get').allowed()",
        message: "nobody may",
      },
    ],
  });
  expect((await create("asking", {})).status).toBe(201);
  await remove("asking");
});

test("a policy whose fields or expressions are wrong is refused", async () => {
  const create = (spec: object) =>
    api.call("POST", `${registration}/validatingadmissionpolicies`, {
      body: {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicy",
        metadata: { name: "wrong" },
        spec,
      },
    });
  const matchConstraints = { resourceRules: [{ ...configMaps, operations: ["CREATE"] }] };
  const empty = await create({ matchConstraints: { resourceRules: [{}] } });
  expect(empty.body.details.causes).toMatchObject([
    { field: "spec.matchConstraints.resourceRules[0].operations", message: "Required value" },
    { field: "spec.matchConstraints.resourceRules[0].apiGroups" },
    { field: "spec.matchConstraints.resourceRules[0].apiVersions" },
    { field: "spec.matchConstraints.resourceRules[0].resources" },
    { field: "spec.validations" },
    { field: "spec.auditAnnotations" },
  ]);
  const wrong = await create({
    matchConstraints,
    variables: [{ name: "v", expression: "1 + foo" }],
    validations: [{ expression: "object.spec", messageExpression: "1" }, { expression: "params != null" }],
  });
  const missing = (column: number, name: string, line: string, dots: string) =>
    `compilation failed: ERROR: <input>:1:${column}: undeclared reference to '${name}' (in container '')\n | ${line}\n | ${dots}^`;
  expect(wrong.body.details.causes).toEqual([
    {
      reason: "FieldValueInvalid",
      field: "spec.variables[0].expression",
      message: `Invalid value: "1 + foo": ${missing(5, "foo", "1 + foo", "....")}`,
    },
    {
      reason: "FieldValueInvalid",
      field: "spec.validations[0].expression",
      message: 'Invalid value: "object.spec": must evaluate to bool but got dyn',
    },
    {
      reason: "FieldValueInvalid",
      field: "spec.validations[0].messageExpression",
      message: 'Invalid value: "1": must evaluate to string but got int',
    },
    {
      reason: "FieldValueInvalid",
      field: "spec.validations[1].expression",
      message: `Invalid value: "params != null": ${missing(1, "params", "params != null", "")}`,
    },
  ]);
});

test("a policy about one version of a resource is asked about all of them, in its own", async () => {
  const rule = {
    apiGroups: ["autoscaling"],
    apiVersions: ["v2"],
    resources: ["horizontalpodautoscalers"],
    operations: ["CREATE"],
  };
  const validations = [
    {
      expression: "object.spec.metrics.all(m, m.resource.target.averageUtilization < 50)",
      messageExpression: "request.kind.version + ' for ' + request.requestKind.version",
    },
  ];
  await policy("scalers", { matchConstraints: { resourceRules: [rule] }, validations });
  const create = (name: string, percentage: number) =>
    api.call("POST", "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers", {
      body: {
        apiVersion: "autoscaling/v1",
        kind: "HorizontalPodAutoscaler",
        metadata: { name },
        spec: {
          maxReplicas: 3,
          targetCPUUtilizationPercentage: percentage,
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
        },
      },
    });
  expect((await create("high", 80)).body.message).toEndWith("denied request: v2 for v1");
  expect((await create("low", 20)).status).toBe(201);
  await remove("scalers");
  await policy("exact", { matchConstraints: { resourceRules: [rule], matchPolicy: "Exact" }, validations });
  expect((await create("high", 80)).status).toBe(201);
  await remove("exact");
});
