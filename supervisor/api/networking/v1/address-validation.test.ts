import { expect, test } from "bun:test";
import type { FieldError } from "../../../apimachinery/field-error.ts";
import {
  validateIpAddressUpdate,
  validateServiceCidr,
  validateServiceCidrUpdate,
} from "./address-validation.ts";

function texts(errors: readonly FieldError[]): string[] {
  return errors.map(({ field, body }) => `${field}: ${body}`);
}

test.each<[cidrs: string[], errors: string[]]>([
  [["10.0.0.0/24", "2001:db8::/64"], []],
  [[], ["spec.cidrs: Required value: at least one CIDR required"]],
  [
    ["10.0.0.0/24", "10.0.1.0/24"],
    [
      'spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/24","10.0.1.0/24"]}: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
    ],
  ],
  [["a", "b", "c"], ['spec.cidrs: Invalid value: {"CIDRs":["a","b","c"]}: may only hold up to 2 values']],
])("a ServiceCIDR of %j", (cidrs, errors) => {
  expect(texts(validateServiceCidr({ spec: { cidrs } }))).toEqual(errors);
});

test("networks and what addresses are for stay, and a network of the other family may come", () => {
  const old = { spec: { cidrs: ["10.0.0.0/24"] } };
  expect(validateServiceCidrUpdate({ spec: { cidrs: ["10.0.0.0/24", "2001:db8::/64"] } }, old)).toEqual([]);
  expect(texts(validateServiceCidrUpdate({ spec: { cidrs: ["10.0.1.0/24"] } }, old))).toEqual([
    'spec.cidrs: Invalid value: ["10.0.1.0/24"]: field is immutable',
  ]);
  const address = (name: string) => ({ spec: { parentRef: { resource: "services", name } } });
  expect(validateIpAddressUpdate(address("a"), address("a"))).toEqual([]);
  expect(texts(validateIpAddressUpdate(address(""), address("a")))).toEqual([
    'spec.parentRef: Invalid value: {"resource":"services","name":""}: field is immutable',
  ]);
});
