import { expect, test } from "bun:test";
import type { V1PodSpec } from "../../../supervisor/api/generated/types.ts";
import { fieldRejection } from "./field-rejection.ts";

const containers = [{ name: "web", image: "nginx" }];

function reasonOf(spec: Partial<V1PodSpec>): string | undefined {
  return fieldRejection({ spec: { containers, ...spec } })?.reason;
}

test("fieldRejection takes Pods of Linux, whose profiles are the runtime's or none", () => {
  expect(reasonOf({})).toBeUndefined();
  const linux = { os: { name: "linux" }, nodeSelector: { "kubernetes.io/os": "linux" } };
  expect(reasonOf(linux)).toBeUndefined();
  expect(reasonOf({ securityContext: { appArmorProfile: { type: "RuntimeDefault" } } })).toBeUndefined();
});

test("fieldRejection refuses other systems, and profiles that no guest has", () => {
  expect(reasonOf({ os: { name: "windows" } })).toBe("PodOSNotSupported");
  expect(reasonOf({ nodeSelector: { "kubernetes.io/os": "windows" } })).toBe(
    "PodOSSelectorNodeLabelDoesNotMatch",
  );
  const appArmorProfile = { type: "Localhost", localhostProfile: "mine" };
  expect(reasonOf({ securityContext: { appArmorProfile } })).toBe("AppArmor");
  const own = [{ name: "web", image: "nginx", securityContext: { appArmorProfile } }];
  expect(reasonOf({ containers: own })).toBe("AppArmor");
});
