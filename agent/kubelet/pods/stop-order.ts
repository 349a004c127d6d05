import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { isSidecar } from "./restart-policy.ts";

/**
 * The order in which a Pod's containers end (kubelet `terminationOrdering`): each group when those before it have
 * ended. Sidecars come last, one after another, the last that started first.
 */
export function stopOrder({ spec }: V1Pod, names: readonly string[]): ReadonlyArray<readonly string[]> {
  const sidecars = (spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name);
  const others = names.filter((name) => !sidecars.includes(name));
  const last = sidecars.filter((name) => names.includes(name)).reverse();
  return [others, ...last.map((name) => [name])].filter((group) => group.length > 0);
}
