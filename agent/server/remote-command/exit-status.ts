/** What is told of a command's end on the error channel (kubelet `remotecommand`, and `util/exec` for the texts). */

import type { Status } from "../../../supervisor/apimachinery/errors.ts";
import { newInternalError } from "../../../supervisor/apimachinery/status-errors.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";

export const successStatus: Status = { metadata: {}, status: "Success" };

/** kubectl ends with `exitCode` when it reads this. */
export function exitStatus(exitCode: number): Status {
  if (exitCode === 0) return successStatus;
  return {
    metadata: {},
    status: "Failure",
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
  };
}

/** A command that could not be run at all, or whose machine went away. */
export function failureStatus(doing: string, error: unknown): Status {
  const message = messageOf(error);
  return newInternalError(new Error(`${doing}: ${message}`)).status;
}
