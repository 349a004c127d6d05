import { exitCodes, UsageError } from "../base/config/usage-error.ts";
import { messageOf } from "../base/errors.ts";
import { InterruptedError } from "../base/signals.ts";

/** Runs the program's work and returns its exit code; what went wrong is told on standard error in one line. */
export async function runProgram(work: () => Promise<unknown>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (error instanceof InterruptedError) return error.signalName === "SIGINT" ? exitCodes.interrupted : 0;
    // Commander has printed its own complaint, or the help that was asked for.
    if (isCommanderError(error)) return error.exitCode === 0 ? 0 : exitCodes.usage;
    process.stderr.write(`Error: ${messageOf(error)}\n`);
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failure;
  }
}

function isCommanderError(error: unknown): error is Error & { readonly exitCode: number } {
  return (
    error instanceof Error &&
    "exitCode" in error &&
    String(Reflect.get(error, "code")).startsWith("commander.")
  );
}
