import { expect, test } from "bun:test";
import type { FieldError } from "../../../apimachinery/field-error.ts";
import type {
  V1Device,
  V1DeviceClaim,
  V1ResourceClaimStatus,
  V1ResourceSliceSpec,
} from "../../generated/types.ts";
import { validateClaimStatus } from "./resource-claim-status-validation.ts";
import { validateDeviceClass, validateResourceClaimSpec } from "./resource-claim-validation.ts";
import { validateResourceSlice } from "./resource-slice-validation.ts";

function texts(errors: readonly FieldError[]): string[] {
  return errors.map(({ field, body }) => `${field}: ${body}`);
}

const requests = [{ name: "a", exactly: { deviceClassName: "c", allocationMode: "All" } }];
const opaque = { driver: "d.io", parameters: { a: 1 } };

test.each<[what: string, devices: V1DeviceClaim, errors: string[]]>([
  ["what is right", { requests, constraints: [{ matchAttribute: "d.io/x" }], config: [{ opaque }] }, []],
  [
    "constraints",
    {
      requests,
      constraints: [{ requests: ["a", "a"] }, { matchAttribute: "x" }, { distinctAttribute: "/x" }],
    },
    [
      'constraints[0].requests[1]: Duplicate value: "a"',
      'constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
      'constraints[1].matchAttribute: Invalid value: "x": a fully qualified name must be a domain and a name separated by a slash',
      'constraints[2].distinctAttribute: Invalid value: "": the domain must not be empty',
    ],
  ],
  [
    "configuration",
    {
      requests,
      config: [{}, { opaque: { driver: "", parameters: null } }, { opaque: { ...opaque, parameters: [] } }],
    },
    [
      "config[0].opaque: Required value",
      "config[1].opaque.driver: Required value",
      "config[1].opaque.parameters: Required value",
      'config[2].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
    ],
  ],
  [
    "tolerations",
    {
      requests: [
        {
          name: "a",
          exactly: {
            deviceClassName: "c",
            allocationMode: "All",
            tolerations: [
              { operator: "Exists", value: "v" },
              { operator: "In", effect: "Never" },
            ],
          },
        },
      ],
    },
    [
      'requests[0].exactly.tolerations[0].value: Invalid value: "v": must be empty for operator `Exists`',
      'requests[0].exactly.tolerations[1].operator: Unsupported value: "In": supported values: "Equal", "Exists"',
      'requests[0].exactly.tolerations[1].effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "None"',
    ],
  ],
  [
    "too many",
    { requests, constraints: Array.from({ length: 33 }, () => ({})) },
    ["constraints: Too many: 33: must have at most 32 items"],
  ],
])("a claim's %s", (_what, devices, errors) => {
  expect(texts(validateResourceClaimSpec({ devices }, "spec"))).toEqual(
    errors.map((error) => `spec.devices.${error}`),
  );
});

test("a class configures drivers and may be an extended resource", () => {
  const spec = { config: [{}], extendedResourceName: "cpu" };
  expect(texts(validateDeviceClass({ config: [{ opaque }], extendedResourceName: "d.io/gpu" }))).toEqual([]);
  expect(texts(validateDeviceClass(spec))).toEqual([
    "spec.config[0].opaque: Required value",
    'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
  ]);
});

const slice: V1ResourceSliceSpec = {
  driver: "d.io",
  pool: { name: "p", generation: 1, resourceSliceCount: 1 },
  allNodes: true,
};

test.each<[what: string, spec: Partial<V1ResourceSliceSpec>, errors: string[]]>([
  ["what is right", { devices: [{ name: "a", attributes: { "d.io/x": { version: "1.2.3-a.1+b" } } }] }, []],
  [
    "place",
    { allNodes: undefined as never, nodeName: "" },
    [
      'spec.nodeName: Invalid value: "": must be either unset or set to a non-empty string',
      "spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required",
    ],
  ],
  [
    "counters",
    { devices: [], sharedCounters: [{ name: "s", counters: {} }] },
    [
      'spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed',
      "spec.sharedCounters[0].counters: Required value",
    ],
  ],
  [
    "number",
    {
      devices: Array.from(
        { length: 65 },
        (): V1Device => ({ name: "a", taints: [{ key: "k", effect: "None" }] }),
      ),
    },
    ["spec.devices: Too many: 65: must have at most 64 items"],
  ],
  [
    "devices",
    {
      devices: [
        {
          name: "a",
          attributes: { "a/b/c": { int: 1 }, v: { version: "1.2" } },
          capacity: { m: { value: "1", requestPolicy: {} } },
          taints: [{ key: "k", effect: "" }],
          bindingConditions: ["c", "c"],
        },
      ],
    },
    [
      'spec.devices[0].attributes: Invalid value: "a/b/c": must not contain more than one slash',
      'spec.devices[0].attributes[v].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0',
      "spec.devices[0].capacity[m].requestPolicy: Forbidden: allowMultipleAllocations must be true",
      "spec.devices[0].taints[0].effect: Required value",
      'spec.devices[0].bindingConditions[1]: Duplicate value: "c"',
      "spec.devices[0].bindingFailureConditions: Invalid value: []: bindingFailureConditions are required to use bindingConditions",
    ],
  ],
  [
    "devices with their own places",
    {
      allNodes: undefined as never,
      perDeviceNodeSelection: true,
      devices: [{ name: "a", nodeName: "n", allNodes: true }],
    },
    [
      'spec.devices[0]: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
    ],
  ],
])("a slice's %s", (_what, spec, errors) => {
  expect(texts(validateResourceSlice({ ...slice, ...spec }))).toEqual(errors);
});

const device = { request: "a", driver: "d.io", pool: "p", device: "g" };
const allocation = { devices: { results: [device] } };
const consumer = { resource: "pods", name: "n", uid: "u" };

test.each<[what: string, status: V1ResourceClaimStatus, old: V1ResourceClaimStatus, errors: string[]]>([
  ["what is right", { allocation, reservedFor: [consumer], devices: [device] }, {}, []],
  ["an end of it", {}, { allocation }, []],
  [
    "other devices",
    { allocation: { devices: {} } },
    { allocation },
    ['allocation: Invalid value: {"devices":{}}: field is immutable'],
  ],
  [
    "what nobody asked for",
    { allocation: { devices: { results: [{ ...device, request: "b" }], config: [{ opaque, source: "" }] } } },
    {},
    [
      "allocation.devices.results[0].request: Invalid value: \"b\": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
      "allocation.devices.config[0].source: Required value",
    ],
  ],
  [
    "consumers of nothing",
    { reservedFor: [consumer, { ...consumer, name: "" }], devices: [device] },
    {},
    [
      "reservedFor[1].name: Required value",
      'reservedFor[1]: Duplicate value: "u"',
      'devices[0]: Invalid value: "d.io/p/g": must be an allocated device in the claim',
      "reservedFor: Forbidden: may not be specified when `allocated` is not set",
    ],
  ],
])("an allocation: %s", (_what, status, old, errors) => {
  const claim = { metadata: {}, spec: { devices: { requests } } };
  const found = texts(validateClaimStatus({ ...claim, status }, { ...claim, status: old }));
  expect(found).toEqual(errors.map((error) => `status.${error}`));
});

test("nobody more uses a claim that goes", () => {
  const claim = { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" }, spec: {} };
  const status = { allocation, reservedFor: [consumer] };
  expect(texts(validateClaimStatus({ ...claim, status }, { ...claim, status }))).toEqual([]);
  expect(texts(validateClaimStatus({ ...claim, status }, { ...claim, status: { allocation } }))).toEqual([
    "status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set",
  ]);
});
