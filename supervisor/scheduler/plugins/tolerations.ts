import type { V1Taint, V1Toleration } from "../../api/generated/types.ts";

/** Whether one of the tolerations lets a Pod bear a taint (component-helpers `ToleratesTaint`). */
export function isTolerated(taint: V1Taint, tolerations: readonly V1Toleration[]): boolean {
  return tolerations.some((toleration) => {
    if (toleration.effect && toleration.effect !== taint.effect) return false;
    if (toleration.key && toleration.key !== taint.key) return false;
    if (toleration.operator === "Exists") return true;
    return Boolean(toleration.key) && (toleration.value ?? "") === (taint.value ?? "");
  });
}
