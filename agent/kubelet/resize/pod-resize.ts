import type { V1PodCondition } from "../../../supervisor/api/generated/types.ts";
import type { Allocation } from "./container-allocation.ts";

type ResizeCondition = Pick<V1PodCondition, "reason" | "message" | "observedGeneration">;

/** Where a Pod's resize stands; found out anew after a restart of the daemon, from what its containers were given. */
export class PodResize {
  allocation: Allocation | undefined;
  /** The node cannot give what is asked for, now (`Deferred`) or ever (`Infeasible`). */
  pending: ResizeCondition | undefined;
  /** The node gives it, and containers do not have it yet. */
  inProgress: ResizeCondition | undefined;

  /** What the Pod's status says of it. */
  conditions(): Array<Pick<V1PodCondition, "type" | "status"> & ResizeCondition> {
    return [
      ...(this.pending ? [{ type: "PodResizePending", status: "True", ...this.pending }] : []),
      ...(this.inProgress ? [{ type: "PodResizeInProgress", status: "True", ...this.inProgress }] : []),
    ];
  }
}
