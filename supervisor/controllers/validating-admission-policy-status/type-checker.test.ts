import { expect, test } from "bun:test";
import { expressionWarnings } from "./type-checker.ts";

const served = {
  kindOf: async ({ resource }: { readonly resource: string }) =>
    ({ deployments: "Deployment", databases: "Database" })[resource],
  schemaOf: async (apiVersion: string, kind: string) =>
    apiVersion === "example.com/v1" && kind === "Database"
      ? {
          type: "object",
          properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
        }
      : undefined,
};

function policy(
  rule: object,
  validations: ReadonlyArray<{ expression: string; messageExpression?: string }>,
) {
  return { spec: { matchConstraints: { resourceRules: [rule] }, validations } };
}

const deployments = { apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments", "pods/*"] };

test("expressions are checked against the models of the kinds that a policy is about", async () => {
  const fine = policy(deployments, [
    { expression: "object.spec.replicas > 1 && object.metadata.creationTimestamp.getFullYear() > 2000" },
    { expression: "object.spec.template.spec.containers.all(c, c.image != '')" },
  ]);
  expect(await expressionWarnings(fine, served)).toEqual([]);
  const confused = policy(deployments, [
    {
      expression: "object.spec.replicas > '1'",
      messageExpression: "'wants replicas > 1, got ' + object.spec.replicas",
    },
    { expression: "object.replicas > 1" },
  ]);
  expect(await expressionWarnings(confused, served)).toEqual([
    {
      fieldRef: "spec.validations[0].expression",
      warning:
        "apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_>_' applied to '(int, string)'\n | object.spec.replicas > '1'\n | .....................^\n",
    },
    {
      fieldRef: "spec.validations[0].messageExpression",
      warning: expect.stringContaining("found no matching overload for '_+_' applied to '(string, int)'"),
    },
    {
      fieldRef: "spec.validations[1].expression",
      warning:
        "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
    },
  ]);
});

test("custom resources are checked by their schemas, and wildcards not at all", async () => {
  const validations = [{ expression: "object.spec.size == '1' && object.metadata.labels.size() > 0" }];
  const rule = { apiGroups: ["example.com"], apiVersions: ["v1"], resources: ["databases"] };
  const [warning] = await expressionWarnings(policy(rule, validations), served);
  expect(warning?.warning).toStartWith(
    "example.com/v1, Kind=Database: ERROR: <input>:1:18: found no matching overload for '_==_' applied to '(int, string)'",
  );
  const all = { ...rule, apiGroups: ["*"] };
  expect(await expressionWarnings(policy(all, validations), served)).toEqual([]);
});
