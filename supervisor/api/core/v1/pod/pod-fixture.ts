import type { JsonObject } from "../../../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../../../apimachinery/mutable.ts";
import { applyMergePatch } from "../../../../apimachinery/patch/merge-patch.ts";
import type { V1PodSpec } from "../../../generated/types.ts";
import { setPodDefaults } from "./pod-defaults.ts";
import { validateNewPod } from "./pod-validation.ts";

export const main = { name: "main", image: "nginx:1" };

/** A Pod's spec with its defaults: one container, and what `change` says. */
export function podSpecOf(change: object): V1PodSpec {
  const spec = applyMergePatch({ containers: [main] }, structuredClone(change) as JsonObject);
  // Tests write specs as clients do.
  setPodDefaults(spec as unknown as Mutable<V1PodSpec>);
  return spec as unknown as V1PodSpec;
}

export function complaintsOfPod(change: object, annotations: Record<string, string> = {}): readonly string[] {
  const pod = { metadata: { name: "web", annotations }, spec: podSpecOf(change) };
  return validateNewPod(pod).map(({ field, body }) => `${field}: ${body}`);
}
