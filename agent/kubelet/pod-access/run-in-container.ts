import type { Runtime } from "../../runtime/runtime.ts";

export interface CommandResult {
  readonly exitCode: number;
  /** What it wrote, both streams together; at most 10 KiB. */
  readonly output: string;
}

/** What is kept of a command's output, as the kubelet's `maxReadLength` for probes. */
const maxOutputBytes = 10 * 1024;

/**
 * Runs a command in a container to its end (kubelet `RunInContainer`). Rejects with the signal's reason, and kills the
 * command then; or with the runtime's error when it cannot be started.
 */
export async function runInContainer(
  runtime: Pick<Runtime, "exec">,
  containerId: string,
  command: readonly string[],
  signal: AbortSignal,
): Promise<CommandResult> {
  signal.throwIfAborted();
  const options = { command, tty: false, stdin: false, stdout: true, stderr: true };
  const session = await runtime.exec(containerId, options);
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    const output = new OutputBuffer();
    const reading = [session.stdout, session.stderr].map(async (stream) => {
      for await (const chunk of stream ?? []) output.add(chunk);
    });
    const ended = Promise.all([session.exit, ...reading]).then(([exit]) => exit);
    const { exitCode } = await Promise.race([ended, aborted.promise]);
    return { exitCode, output: output.text };
  } finally {
    signal.removeEventListener("abort", abort);
    session.close();
  }
}

class OutputBuffer {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  add(chunk: Buffer): void {
    const room = maxOutputBytes - this.#length;
    if (room <= 0) return;
    const kept = chunk.subarray(0, room);
    this.#chunks.push(kept);
    this.#length += kept.length;
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}
