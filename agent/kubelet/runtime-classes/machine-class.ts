import type { GuestKernel } from "../../runtime/runtime.ts";

/** What the machines of a RuntimeClass's handler are like. */
export interface MachineClass {
  /** Processors that a machine has at least. */
  readonly cpuCount?: number;
  /** Memory for a Pod's containers that a machine has at least. */
  readonly memoryBytes?: number;
  /** Boots instead of the host's own guest. */
  readonly kernel?: GuestKernel;
}

/** The handler of the RuntimeClass that every supervisor has; Pods without a class run in its machines too. */
const crxHandler = "crx";

/** By their handlers; `""` is that of Pods without a RuntimeClass. */
export type MachineClasses = ReadonlyMap<string, MachineClass>;

export const builtInClasses: MachineClasses = new Map([
  ["", {}],
  [crxHandler, {}],
]);
