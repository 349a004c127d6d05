import { asError } from "../../../supervisor/base/errors.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { Sandbox } from "./sandbox.ts";

/** The machines of an earlier daemon that are being taken over, all at once: one that hangs holds up itself alone. */
export class TakeOvers {
  readonly #logger: Logger;
  readonly #bySandbox = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Begins; where the signal aborts, the machines that have not answered yet are let go of. */
  begin(sandboxes: readonly Sandbox[], signal: AbortSignal): void {
    const giveUp = AbortSignal.any([signal, this.#stopping.signal]);
    for (const sandbox of sandboxes) {
      const done = this.#takeOver(sandbox, giveUp).finally(() => this.#bySandbox.delete(sandbox.id));
      this.#bySandbox.set(sandbox.id, done);
    }
  }

  /** Resolves when it is known what became of the machine, or of all of them. */
  async done(sandboxId?: string): Promise<void> {
    if (sandboxId === undefined) await Promise.all(this.#bySandbox.values());
    else await this.#bySandbox.get(sandboxId);
  }

  /** Lets go of the machines that have not answered yet. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.done();
  }

  async #takeOver(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
    try {
      await sandbox.takeOver(signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#logger.warn("A machine was not taken over", { sandbox: sandbox.id, error: asError(error) });
    }
  }
}
