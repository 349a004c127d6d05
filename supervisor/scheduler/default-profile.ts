import type { SchedulerProfile } from "./framework.ts";
import { nodeAffinity } from "./plugins/node-affinity.ts";
import { nodeName } from "./plugins/node-name.ts";
import { leastAllocated, nodeResourcesFit } from "./plugins/node-resources-fit.ts";
import { nodeUnschedulable } from "./plugins/node-unschedulable.ts";
import { taintToleration } from "./plugins/taint-toleration.ts";

/** The plugins of `default-scheduler`, in kube-scheduler's order. */
export const defaultProfile: SchedulerProfile = {
  filters: [nodeUnschedulable, nodeName, taintToleration, nodeAffinity, nodeResourcesFit],
  scores: [leastAllocated],
};
