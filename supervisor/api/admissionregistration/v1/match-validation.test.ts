import { expect, test } from "bun:test";
import type { FieldError } from "../../../apimachinery/field-error.ts";
import type { V1ValidatingAdmissionPolicyBinding } from "../../generated/types.ts";
import { validateMatchResources, validateRule } from "./match-validation.ts";
import {
  validateValidatingAdmissionPolicy,
  validateValidatingAdmissionPolicyBinding,
} from "./policy-validation.ts";

const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] };

function texts(errors: readonly FieldError[]): readonly string[] {
  return errors.map(({ field, body }) => `${field}: ${body}`);
}

test.each<[resources: string[], errors: string[]]>([
  [["pods", "pods/status"], []],
  // As upstream, the last name without a subresource decides.
  [["pods", "*"], []],
  [
    ["*", "pods"],
    [
      'r.resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
    ],
  ],
  [
    ["pods/*", "pods/a/b"],
    ["r.resources[1]: Invalid value: \"pods/a/b\": if 'pods/*' is present, must not specify pods/a/b"],
  ],
  [
    ["*/*", "pods/*"],
    [
      "r.resources[1]: Invalid value: \"pods/*\": if '*/*' is present, must not specify pods/*",
      'r.resources: Invalid value: ["*/*","pods/*"]: if \'*/*\' is present, must not specify other resources',
    ],
  ],
  [
    ["*/status", "*/status"],
    ["r.resources[1]: Invalid value: \"*/status\": if '*/status' is present, must not specify */status"],
  ],
])("a rule for resources %j", (resources, errors) => {
  expect(texts(validateRule({ ...rule, resources }, "r"))).toEqual(errors);
});

test("operations and names of objects are ones", () => {
  expect(texts(validateRule({ ...rule, operations: [""] }, "r"))).toEqual([
    'r.operations[0]: Unsupported value: "": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
  ]);
  const match = { matchPolicy: "Exact", namespaceSelector: {}, objectSelector: {} };
  const resourceRules = [{ ...rule, resourceNames: ["a/b"] }];
  expect(texts(validateMatchResources({ ...match, resourceRules }, "m"))).toEqual([
    "m.resourceRules[0].resourceNames[0]: Invalid value: \"a/b\": may not contain '/'",
  ]);
});

test.each<[apiVersion: string, errors: unknown[]]>([
  ["/", ['Invalid value: "/": version must be specified']],
  ["a/b/c", ['Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c']],
  [
    "A_/V",
    [expect.stringContaining('Invalid value: "A_": '), expect.stringContaining('Invalid value: "V": ')],
  ],
])("parameters of version %j", (apiVersion, errors) => {
  const spec = {
    failurePolicy: "Fail",
    paramKind: { apiVersion, kind: "K" },
    matchConstraints: {
      matchPolicy: "Exact",
      namespaceSelector: {},
      objectSelector: {},
      resourceRules: [rule],
    },
    validations: [{ expression: "true" }],
  };
  const found = validateValidatingAdmissionPolicy({ metadata: { name: "p" }, spec });
  expect(found.map(({ body }) => body)).toEqual(errors as string[]);
});

test("a binding says what happens without parameters", () => {
  const spec = { policyName: "p", validationActions: ["Deny"] };
  const bound = (parameterNotFoundAction: string): V1ValidatingAdmissionPolicyBinding => ({
    spec: { ...spec, paramRef: { name: "n", parameterNotFoundAction } },
  });
  expect(texts(validateValidatingAdmissionPolicyBinding(bound("")))).toEqual([
    "spec.paramRef.parameterNotFoundAction: Required value",
  ]);
});
