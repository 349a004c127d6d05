import type { V1Binding, V1Pod } from "../../../api/generated/types.ts";
import { invalidField, notSupportedField, requiredField } from "../../../apimachinery/field-error.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { newConflict, newInvalid } from "../../../apimachinery/status-errors.ts";
import type { StrategyContext, Subresource, Typed } from "../../resource-definition.ts";

/** `binding`: gives a Pod its node (kubernetes `pkg/registry/core/pod/storage`, `BindingREST`). */
export const podBinding: Subresource = {
  type: "action",
  kind: "Binding",
  model: "V1Binding",
  apply: applyBinding,
};

/** Gives a Pod its node, once. Throws Conflict and Invalid. */
export function applyBinding(object: ApiObject, body: ApiObject, context: StrategyContext): void {
  // Decoding made these a Pod and a Binding.
  const pod = object as unknown as Typed<V1Pod>;
  const binding = body as unknown as Typed<V1Binding>;
  const name = pod.metadata.name ?? "";
  validateBinding(binding);
  const refuse = (why: string) => newConflict({ group: "", resource: "pods/binding" }, name, why);
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  }
  if (binding.metadata.uid && binding.metadata.uid !== pod.metadata.uid) {
    throw refuse(
      `Precondition failed: UID in precondition: ${binding.metadata.uid}, UID in object meta: ${pod.metadata.uid}`,
    );
  }
  pod.spec ??= { containers: [] };
  if (pod.spec.nodeName) {
    throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  }
  if (pod.spec.schedulingGates?.length) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  pod.spec.nodeName = binding.target?.name ?? "";
  if (binding.metadata.annotations) {
    pod.metadata.annotations = { ...pod.metadata.annotations, ...binding.metadata.annotations };
  }
  if (binding.metadata.labels) {
    pod.metadata.labels = { ...pod.metadata.labels, ...binding.metadata.labels };
  }
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
  const scheduled = { type: "PodScheduled", status: "True", lastTransitionTime: context.now };
  pod.status = { ...pod.status, conditions: [...others, scheduled] };
}

function validateBinding(binding: Typed<V1Binding>): void {
  const { kind, name } = binding.target ?? {};
  const errors = [];
  if (kind && kind !== "Node") errors.push(notSupportedField("target.kind", kind, ["Node", "<empty>"]));
  if (!name) errors.push(requiredField("target.name"));
  else if (name.includes("/")) errors.push(invalidField("target.name", name, "may not contain '/'"));
  if (errors.length > 0)
    throw newInvalid({ group: "", kind: "Binding" }, binding.metadata.name ?? "", errors);
}
