import type { Manifest } from "./ensure-object.ts";

/** The classes of Pods that a cluster cannot do without (kubernetes `pkg/apis/scheduling`). */
export const systemPriorityClasses: readonly Manifest[] = [
  {
    metadata: { name: "system-node-critical" },
    value: 2_000_001_000,
    description: "Used for system critical pods that must not be moved from their current node.",
  },
  {
    metadata: { name: "system-cluster-critical" },
    value: 2_000_000_000,
    description:
      "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
  },
];
