import type { Clock } from "../../../../supervisor/base/clock.ts";
import type { InboundStream } from "../channel/inbound-stream.ts";
import { streamWindowBytes } from "../channel/protocol.ts";
import type { LogStream } from "./line-formatter.ts";
import type { LogInput, LogWriter } from "./log-writer.ts";

/** The shortest time between two writes while there is little to write. */
const gatherMs = 5;

export type OutputListener = (stream: LogStream, bytes: Buffer) => void;

/**
 * Carries a container's output from the guest into its log. Only what is in the log is acknowledged, so a slow disk
 * holds up this container and no other, and the memory in use is one window a stream.
 */
export class ContainerLog {
  readonly #clock: Clock;
  readonly #writer: LogWriter;
  readonly #streams: ReadonlyArray<readonly [LogStream, InboundStream]>;
  readonly #unfinished: Set<LogStream>;
  readonly #listeners = new Set<OutputListener>();
  readonly #finished = Promise.withResolvers<void>();
  #pump: Promise<void> | undefined;
  #endPause: () => void = () => {};
  #hasNews = false;
  #closed = false;

  constructor(clock: Clock, writer: LogWriter, streams: ReadonlyArray<readonly [LogStream, InboundStream]>) {
    this.#clock = clock;
    this.#writer = writer;
    this.#streams = streams;
    this.#unfinished = new Set(streams.map(([name]) => name));
    for (const [, stream] of streams) stream.onReadable(() => this.#wake());
    this.#wake();
  }

  /** Resolves when all streams have ended or broken and what came is written. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /** How much of the container's output is in the log. */
  get writtenBytes(): number {
    return this.#streams.reduce((sum, [name]) => sum + this.#writer.offset(name), 0);
  }

  /** Calls the listener with all output from now on, before it is written. */
  listen(listener: OutputListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops writing; what is not written yet stays with the guest. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#endPause();
    this.#writer.giveUp();
    await this.#pump;
    await this.#writer.close();
  }

  /** A stream may have news while the pump is about to stop, so news is remembered until the pump has looked. */
  #wake(): void {
    this.#hasNews = true;
    if (this.#isUrgent()) this.#endPause();
    this.#pump ??= this.#run().finally(() => {
      this.#pump = undefined;
      if (this.#hasNews && !this.#closed) this.#wake();
    });
  }

  async #run(): Promise<void> {
    while (this.#hasNews && !this.#closed) {
      this.#hasNews = false;
      const inputs = this.#take();
      if (inputs.length > 0) await this.#write(inputs);
      if (this.#unfinished.size > 0 && !this.#isUrgent()) await this.#pause();
    }
    if (this.#unfinished.size > 0 || this.#closed) return;
    await this.#writer.close();
    this.#finished.resolve();
  }

  /** Lets small pieces of output gather, so that a container that writes line by line costs few writes. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(gatherMs, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Whether the guest may soon have to wait for credit, or nothing more comes. */
  #isUrgent(): boolean {
    return this.#streams.some(([name, stream]) => {
      const isOver = stream.ended || stream.error !== undefined;
      return stream.buffered >= streamWindowBytes / 2 || (isOver && this.#unfinished.has(name));
    });
  }

  async #write(inputs: readonly LogInput[]): Promise<void> {
    const before = new Map(this.#streams.map(([name]) => [name, this.#writer.offset(name)]));
    await this.#writer.write(inputs);
    for (const [name, stream] of this.#streams) {
      const offset = this.#writer.offset(name);
      if (offset !== before.get(name)) stream.acknowledge(offset);
    }
  }

  #take(): LogInput[] {
    const inputs: LogInput[] = [];
    for (const [name, stream] of this.#streams) {
      const bytes = stream.take();
      if (bytes) {
        inputs.push({ stream: name, bytes });
        for (const listener of this.#listeners) listener(name, bytes);
      }
      const isOver = stream.ended || stream.error !== undefined;
      if (isOver && this.#unfinished.delete(name) && stream.ended) inputs.push({ stream: name });
    }
    return inputs;
  }
}
