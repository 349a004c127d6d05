import type { WaitingReasons } from "./container-statuses.ts";
import type { Rejection } from "./node-fit.ts";

/** What the daemon remembers of a Pod beside the runtime's state; all of it is found out anew after a restart. */
export class PodMemory {
  /** Why containers wait. */
  readonly waiting: Map<string, ReturnType<WaitingReasons["get"]> & object> = new Map();
  /** Why the host gave the Pod up. */
  failure: Rejection | undefined;
  toldOfFields = false;
}
