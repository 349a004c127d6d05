import { openSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { InheritedDescriptor } from "../jail/machine-descriptors.ts";

/** A further descriptor of a disk's file, for a machine to inherit; whoever spawns it closes it. */
export function reopened({ fd }: FileHandle): InheritedDescriptor {
  return { descriptor: openSync(`/proc/self/fd/${fd}`, "r+"), name: "the Pod's disk" };
}
