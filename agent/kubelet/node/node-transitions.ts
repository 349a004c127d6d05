import type { V1NodeCondition } from "../../../supervisor/api/generated/types.ts";

/** What events say of a condition that became true or false (kubelet `pkg/kubelet/nodestatus/setters.go`). */
const reasons: Readonly<Record<string, { readonly True: string; readonly False: string }>> = {
  MemoryPressure: { True: "NodeHasInsufficientMemory", False: "NodeHasSufficientMemory" },
  DiskPressure: { True: "NodeHasDiskPressure", False: "NodeHasNoDiskPressure" },
  PIDPressure: { True: "NodeHasInsufficientPID", False: "NodeHasSufficientPID" },
  Ready: { True: "NodeReady", False: "NodeNotReady" },
};

/** Remembers what the Node's conditions were, from the start of this daemon. */
export class NodeTransitions {
  readonly #last = new Map<string, string>();

  /** The reasons of the events for what is other than it was. */
  reasons(conditions: readonly V1NodeCondition[]): string[] {
    return conditions.flatMap(({ type, status }) => {
      const known = reasons[type];
      if (!known || this.#last.get(type) === status) return [];
      this.#last.set(type, status);
      return status === "True" || status === "False" ? [known[status]] : [];
    });
  }
}
