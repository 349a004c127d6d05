import type { V1Node, V1Taint } from "../../api/generated/types.ts";
import { wantedTaintKeys } from "../../controllers/node-lifecycle/node-taints.ts";
import type { FilterPlugin } from "../framework.ts";
import { isTolerated } from "./tolerations.ts";

/** A node takes only Pods that tolerate its taints, among them those that its conditions are about to bring. */
export const taintToleration: FilterPlugin = {
  name: "TaintToleration",
  filter({ pod }, { node }) {
    const tolerations = pod.spec?.tolerations ?? [];
    const isBorne = (taint: V1Taint): boolean => isTolerated(taint, tolerations);
    return node === undefined || effectiveTaints(node).every(isBorne)
      ? []
      : ["node(s) had untolerated taint(s)"];
  },
};

function effectiveTaints(node: V1Node): readonly V1Taint[] {
  const present = (node.spec?.taints ?? []).filter(
    ({ effect }) => effect === "NoSchedule" || effect === "NoExecute",
  );
  const coming = wantedTaintKeys(node)
    .filter((key) => !present.some((taint) => taint.key === key && taint.effect === "NoSchedule"))
    .map((key) => ({ key, effect: "NoSchedule" }));
  return [...present, ...coming];
}
