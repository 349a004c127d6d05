import { findProcesses, type ProcessIdentity } from "../../../../supervisor/base/process-identity.ts";
import { machineName, nameOption } from "./command-line.ts";

/** The running QEMUs, and jailers on the way there, whose machine's folder lies below the given one. */
export function findMachines(folder: string, isOwner: (userId: number) => boolean): ProcessIdentity[] {
  const start = machineName(`${folder}/`);
  return findProcesses(nameOption, (name) => name.startsWith(start), isOwner);
}
