/** The rules that kinds with a spec, a status and a generation share (kubernetes `pkg/registry/apps` and its like). */
import { equalJson } from "../apimachinery/json/json-value.ts";
import type { ApiObject } from "../apimachinery/object-meta.ts";
import type { ResourceStrategy, Strategy, StrategyContext } from "./resource-definition.ts";

export interface WorkloadRules extends Partial<ResourceStrategy> {
  /** What a status says before anybody has written one. */
  readonly emptyStatus: Readonly<Record<string, unknown>>;
  /** Whether a change of the annotations is a new generation too. */
  readonly annotationsCount?: boolean;
}

/** Sets a field back to what it was, also where it was absent. */
export function keepField<T extends object>(object: T, old: T, field: keyof T): void {
  if (old[field] === undefined) delete object[field];
  else object[field] = old[field];
}

/** A strategy that owns status and generation: the first is empty at creation and stays, the second counts changes. */
export function workloadStrategy(rules: WorkloadRules): Partial<ResourceStrategy> {
  const { emptyStatus, annotationsCount = false, ...given } = rules;
  return {
    ...given,
    prepareForCreate(object: ApiObject, context: StrategyContext) {
      object.status = { ...emptyStatus };
      object.metadata.generation = 1;
      given.prepareForCreate?.(object, context);
    },
    prepareForUpdate(object: ApiObject, old: ApiObject, context: StrategyContext) {
      keepField(object, old, "status");
      given.prepareForUpdate?.(object, old, context);
      const changed =
        !equalJson(object.spec, old.spec) ||
        (annotationsCount && !equalJson(object.metadata.annotations ?? {}, old.metadata.annotations ?? {}));
      if (changed) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
    },
  };
}

/** `status`: the spec stays as it was. */
export function statusStrategy(rules: Pick<Strategy, "validateUpdate" | "prepareForUpdate"> = {}): Strategy {
  return {
    ...rules,
    prepareForUpdate(object: ApiObject, old: ApiObject, context: StrategyContext) {
      keepField(object, old, "spec");
      rules.prepareForUpdate?.(object, old, context);
    },
  };
}
