import { ProtocolError } from "../channel/protocol.ts";

export interface ExecExit {
  readonly exitCode: number;
  readonly signal?: number;
}

/** A guest has room for 64 processes at a time; those of an earlier daemon exit without anybody asking. */
const maxUnclaimed = 256;

/** Brings the exits of exec processes to those who wait for them, whichever comes first. */
export class ExecExits {
  readonly #waiting = new Map<number, PromiseWithResolvers<ExecExit>>();
  readonly #unclaimed = new Map<number, ExecExit>();
  #ended: Error | undefined;

  /** Resolves when the process has ended; rejects when its machine is gone. To be called once for an id. */
  claim(execId: number): Promise<ExecExit> {
    const exit = this.#unclaimed.get(execId);
    this.#unclaimed.delete(execId);
    if (exit) return Promise.resolve(exit);
    if (this.#ended) return Promise.reject(this.#ended);
    const waiting = Promise.withResolvers<ExecExit>();
    this.#waiting.set(execId, waiting);
    return waiting.promise;
  }

  /** Throws {@link ProtocolError} when the guest tells of too many processes that nobody started. */
  settle(execId: number, exit: ExecExit): void {
    const waiting = this.#waiting.get(execId);
    this.#waiting.delete(execId);
    if (waiting) waiting.resolve(exit);
    else if (this.#unclaimed.size < maxUnclaimed) this.#unclaimed.set(execId, exit);
    else throw new ProtocolError("The guest told of the exits of too many unknown processes");
  }

  end(error: Error): void {
    this.#ended = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
