import type { Rejection } from "../node/node-fit.ts";
import type { WaitingReasons } from "../pods/container-statuses.ts";
import { PodResize } from "../resize/pod-resize.ts";

/** What the daemon remembers of a Pod beside the runtime's state; all of it is found out anew after a restart. */
export class PodMemory {
  /** Why containers wait. */
  readonly waiting: Map<string, ReturnType<WaitingReasons["get"]> & object> = new Map();
  /** Until when a failure is shown before the container is tried again, by its name. */
  readonly shownUntilMs = new Map<string, number>();
  /** Why the host gave the Pod up. */
  failure: (Rejection & { readonly isDisruption?: boolean }) | undefined;
  /** All containers are being ended to begin anew, or have been. */
  restartAll: "under way" | "done" | undefined;
  toldOfFields = false;
  readonly resize = new PodResize();
}
