import type { FilterPlugin } from "../framework.ts";
import { isTolerated } from "./tolerations.ts";

const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

/** A cordoned node takes only Pods that tolerate that. */
export const nodeUnschedulable: FilterPlugin = {
  name: "NodeUnschedulable",
  filter({ pod }, { node }) {
    if (!node?.spec?.unschedulable || isTolerated(taint, pod.spec?.tolerations ?? [])) return [];
    return ["node(s) were unschedulable"];
  },
};
