import type { V1Container, V1ExecAction } from "../../../supervisor/api/generated/types.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { expandVariables } from "../containers/expand-variables.ts";
import { runInContainer } from "../pod-access/run-in-container.ts";
import { failure, type ProbeOutcome } from "./probe-outcome.ts";

/** Runs the command in the container: 0 is a success (kubelet `probe/exec`). Rejects when it cannot be run. */
export async function execProbe(
  runtime: Pick<Runtime, "exec">,
  containerId: string,
  container: V1Container,
  action: V1ExecAction,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const command = expanded(action.command ?? [], container);
  try {
    const { exitCode, output } = await runInContainer(runtime, containerId, command, signal);
    return { result: exitCode === 0 ? "success" : "failure", output };
  } catch (error) {
    if (!signal.aborted) throw error;
    return failure(
      `command timed out: ${JSON.stringify(command.join(" "))} timed out after ${timeoutSeconds}s`,
    );
  }
}

/** Probes know the variables that have a value of their own, and no others. */
function expanded(command: readonly string[], { env = [] }: V1Container): readonly string[] {
  const variables = new Map(env.map(({ name, value = "" }) => [name, value]));
  return command.map((word) => expandVariables(word, variables));
}
