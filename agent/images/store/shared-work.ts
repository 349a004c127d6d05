/**
 * Work that several callers want at once is done once. It stops when the last caller has given up; a caller that
 * gives up earlier leaves alone. Every caller sees the progress from where it joined.
 */
export class SharedWork<Result, Progress> {
  readonly #running = new Map<string, Run<Result, Progress>>();

  /**
   * Joins the work of that key or begins it. Rejects with the signal's reason when the signal aborts (the last caller
   * only after the work has stopped), else as the work does.
   */
  async run(
    key: string,
    caller: {
      readonly signal: AbortSignal;
      readonly onProgress?: ((progress: Progress) => void) | undefined;
    },
    begin: (signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<Result>,
  ): Promise<Result> {
    caller.signal.throwIfAborted();
    const run = this.#running.get(key) ?? this.#begin(key, begin);
    const listener = caller.onProgress ?? (() => {});
    // A caller's listener may be passed twice; wrapped, each joins and leaves by itself.
    const entry = { listener };
    run.callers.add(entry);
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(caller.signal.reason);
    caller.signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([run.result, aborted.promise]);
    } finally {
      caller.signal.removeEventListener("abort", onAbort);
      run.callers.delete(entry);
      if (run.callers.size === 0) {
        run.controller.abort();
        // Whoever comes now begins anew instead of joining what is being stopped.
        if (this.#running.get(key) === run) this.#running.delete(key);
        await run.result.catch(() => {});
      }
    }
  }

  #begin(
    key: string,
    begin: (signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<Result>,
  ): Run<Result, Progress> {
    const controller = new AbortController();
    const callers: Run<Result, Progress>["callers"] = new Set();
    const result = begin(controller.signal, (progress) => {
      for (const { listener } of callers) listener(progress);
    });
    const run = { controller, callers, result };
    this.#running.set(key, run);
    // Callers get the rejection; this keeps it from counting as unhandled when all have left.
    result.catch(() => {});
    return run;
  }
}

interface Run<Result, Progress> {
  readonly controller: AbortController;
  readonly callers: Set<{ readonly listener: (progress: Progress) => void }>;
  readonly result: Promise<Result>;
}
