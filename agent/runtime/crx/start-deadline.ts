import type { Clock } from "../../../supervisor/base/clock.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { ProcessIdentity } from "../../../supervisor/base/process-identity.ts";
import { RuntimeError } from "../runtime.ts";
import { longestWaitMs, type Patience, workingPatience } from "./patience.ts";
import { wantedTimeMs } from "./qemu/wanted-time.ts";

export interface StartDeadlineOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whose answer is waited for, as a sentence begins with it. */
  readonly what: string;
  /** So long its QEMU may do nothing. */
  readonly limitMs: number;
  /** So long it may work. */
  readonly longestMs?: number;
  readonly wantedMs?: (process: ProcessIdentity) => number;
}

/** How long a machine may take to answer: as long as its QEMU works, within reason. Stop it when the machine answers. */
export class StartDeadline {
  /** Aborts with a {@link RuntimeError} of the kind `timeout`, or with the other signal's reason. */
  readonly signal: AbortSignal;
  readonly stop: () => void;
  readonly #options: StartDeadlineOptions;
  #process: ProcessIdentity | undefined;

  constructor(options: StartDeadlineOptions, other?: AbortSignal) {
    const { clock, logger, what, limitMs, longestMs = longestWaitMs } = options;
    this.#options = options;
    const late = new AbortController();
    this.signal = other ? AbortSignal.any([late.signal, other]) : late.signal;
    const patience = workingPatience({
      clock,
      wantedMs: () => this.#wantedMs(),
      longestMs,
      stretched: (waitedMs) =>
        logger.warn(`${what} is slow to answer: QEMU is working`, { waitedMs, longestMs }),
    });
    this.stop = patience(limitMs, (waitedMs) =>
      late.abort(new RuntimeError("timeout", `${what} did not answer within ${waitedMs} ms`)),
    );
  }

  /** Whose work counts from now on. */
  follow(process: ProcessIdentity): void {
    this.#process = process;
  }

  /** For what is asked of this machine when it runs, each answer by its own limit. */
  patience(process: ProcessIdentity): Patience {
    const wantedMs = (): number => this.#wantedOf(process);
    return workingPatience({ clock: this.#options.clock, wantedMs });
  }

  #wantedMs(): number {
    return this.#process ? this.#wantedOf(this.#process) : 0;
  }

  #wantedOf(process: ProcessIdentity): number {
    return (this.#options.wantedMs ?? wantedTimeMs)(process);
  }
}
