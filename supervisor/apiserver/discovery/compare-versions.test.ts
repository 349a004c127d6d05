import { expect, test } from "bun:test";
import { compareVersions } from "./compare-versions.ts";

test("versions are ordered by what they promise, then by number, and others come last by their text", () => {
  const order = [
    "v10",
    "v2",
    "v1",
    "v11beta2",
    "v10beta3",
    "v3beta1",
    "v12alpha1",
    "v11alpha2",
    "foo1",
    "foo10",
  ];
  const sorted = order
    .toReversed()
    .map((version) => ({ version }))
    .sort(compareVersions);
  expect(sorted.map(({ version }) => version)).toEqual(order);
});
