import { expect, test } from "bun:test";
import { validateNode, validateNodeUpdate } from "./node-validation.ts";

const taint = { key: "a", value: "x", effect: "NoSchedule" };

test("taints are of a form and differ, networks of Pods are of different families", () => {
  const errors = validateNode({
    spec: {
      taints: [taint, taint, { key: "b", value: "-", effect: "Sleep" }],
      podCIDRs: ["10.0.0.0/24", "10.0.1.0/24"],
    },
    status: { capacity: { cpu: "-1", "a.io/gpu": "1500m" } },
  });
  expect(errors.map(({ field, body }) => `${field}: ${body}`)).toEqual([
    'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"x","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
    expect.stringContaining('metadata.taints[2].value: Invalid value: "-": a valid label must be'),
    'metadata.taints[2].effect: Unsupported value: "Sleep": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
    'status.capacity.a.io/gpu: Invalid value: "1500m": must be an integer',
    'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
  ]);
});

test("addresses differ, and what was given once stays", () => {
  const address = { type: "InternalIP", address: "10.0.0.1" };
  const old = { spec: { podCIDRs: ["10.0.0.0/24"], providerID: "a" } };
  const errors = validateNodeUpdate({ spec: {}, status: { addresses: [address, address] } }, old);
  expect(errors.map(({ field, body }) => `${field}: ${body}`)).toEqual([
    'status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"10.0.0.1"}',
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
  ]);
});
