import type { FilterPlugin } from "../framework.ts";

/** A Pod that names its node fits there only. */
export const nodeName: FilterPlugin = {
  name: "NodeName",
  filter({ pod }, node) {
    const wanted = pod.spec?.nodeName;
    return !wanted || wanted === node.name ? [] : ["node(s) didn't match the requested node name"];
  },
};
