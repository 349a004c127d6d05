import type {
  V1CustomResourceDefinition,
  V1CustomResourceDefinitionCondition,
} from "../../api/generated/types.ts";
import type { Mutable } from "../../apimachinery/mutable.ts";
import type { ObjectMeta } from "../../apimachinery/object-meta.ts";

type Definition = { metadata: ObjectMeta } & Mutable<Pick<V1CustomResourceDefinition, "status">>;
type Condition = V1CustomResourceDefinitionCondition;

function definitionCondition(
  { status }: Pick<V1CustomResourceDefinition, "status">,
  type: string,
): Condition | undefined {
  return (status?.conditions ?? []).find((condition) => condition.type === type);
}

export function isConditionTrue(
  definition: Pick<V1CustomResourceDefinition, "status">,
  type: string,
): boolean {
  return definitionCondition(definition, type)?.status === "True";
}

/** Sets a condition in place; its time is that of its last change of status. */
export function setDefinitionCondition(definition: Definition, now: string, condition: Condition): void {
  const conditions = definition.status?.conditions ?? [];
  const old = conditions.find(({ type }) => type === condition.type);
  const time = old?.status === condition.status ? old.lastTransitionTime : undefined;
  const next = { lastTransitionTime: time ?? now, ...condition };
  definition.status = {
    ...definition.status,
    conditions:
      old === undefined ? [...conditions, next] : conditions.map((entry) => (entry === old ? next : entry)),
  };
}
