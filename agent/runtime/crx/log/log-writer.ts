import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type Clock, clockSleep } from "../../../../supervisor/base/clock.ts";
import { asError } from "../../../../supervisor/base/errors.ts";
import type { Logger } from "../../../../supervisor/base/logging.ts";
import { LineFormatter, type LogStream } from "./line-formatter.ts";
import { LogFile, type LogLimits } from "./log-file.ts";

export interface LogWriterOptions {
  readonly path: string;
  /** Where the position record lies; it belongs to one container. */
  readonly positionPath: string;
  readonly limits: LogLimits;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A stream's next bytes, or its end where `bytes` is absent. */
export interface LogInput {
  readonly stream: LogStream;
  readonly bytes?: Buffer;
}

const retryDelayMs = 1000;

/** Writes one container's output to its log file in kubelet's CRI log format. */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #file: LogFile;
  readonly #formatters: Readonly<Record<LogStream, LineFormatter>>;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  private constructor(options: LogWriterOptions, file: LogFile) {
    this.#options = options;
    this.#file = file;
    this.#formatters = {
      stdout: new LineFormatter("stdout", file.position.stdout),
      stderr: new LineFormatter("stderr", file.position.stderr),
    };
  }

  /** Opens or creates the log and continues where it ends. */
  static async open(options: LogWriterOptions): Promise<LogWriter> {
    await mkdir(dirname(options.path), { recursive: true });
    return new LogWriter(options, await LogFile.open(options.path, options.positionPath, options.limits));
  }

  /** How many bytes of the stream are in the log for good. A line that has not ended yet is not. */
  offset(stream: LogStream): number {
    return this.#file.position[stream];
  }

  /**
   * Writes what the inputs complete; to be called again only after it has resolved. A failing write (a full disk) is
   * repeated every second until it succeeds or {@link close} is called, so the container waits and nothing is lost.
   */
  async write(inputs: readonly LogInput[]): Promise<void> {
    const time = new Date(this.#options.clock.now()).toISOString().replace("Z", "000000Z");
    const entries = Buffer.concat(inputs.map((input) => this.#format(input, time)));
    if (entries.length === 0) return;
    const offsets = { stdout: this.#formatters.stdout.offset, stderr: this.#formatters.stderr.offset };
    while (!this.#closing.signal.aborted && !(await this.#append(entries, offsets))) {
      await clockSleep(this.#options.clock, retryDelayMs, this.#closing.signal);
    }
  }

  /** Ends a write that cannot succeed; what it had is lost to this writer, but was not acknowledged either. */
  giveUp(): void {
    this.#closing.abort();
  }

  /** Closes the files. No write may be under way. May be called again. */
  close(): Promise<void> {
    this.#closing.abort();
    this.#closed ??= this.#file.close();
    return this.#closed;
  }

  #format({ stream, bytes }: LogInput, time: string): Buffer {
    const formatter = this.#formatters[stream];
    return bytes ? formatter.format(bytes, time) : formatter.finish(time);
  }

  async #append(entries: Buffer, offsets: { stdout: number; stderr: number }): Promise<boolean> {
    try {
      await this.#file.append(entries, offsets);
      return true;
    } catch (error) {
      this.#options.logger.warn("Container log not written, trying again", {
        path: this.#options.path,
        error: asError(error),
      });
      return false;
    }
  }
}
