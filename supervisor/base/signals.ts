/** Why the program was told to stop. */
export class InterruptedError extends Error {
  override readonly name = "AbortError";
  constructor(readonly signalName: "SIGINT" | "SIGTERM") {
    super(`Stopped by ${signalName}`);
  }
}

/**
 * Turns SIGINT and SIGTERM into an AbortSignal, whose reason is an {@link InterruptedError}; a second one ends the
 * process at once (exit code 130).
 */
export function shutdownSignal(): AbortSignal {
  const controller = new AbortController();
  const onSignal = (name: "SIGINT" | "SIGTERM"): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new InterruptedError(name));
  };
  process.on("SIGINT", () => onSignal("SIGINT"));
  process.on("SIGTERM", () => onSignal("SIGTERM"));
  return controller.signal;
}

/** Resolves after `delayMs`, or at once when the signal aborts. Never rejects. */
export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, delayMs);
    signal?.addEventListener("abort", finish, { once: true });
  });
}
