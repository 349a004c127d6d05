import type { LogOptions } from "./log-options.ts";

const newline = 10;
const space = 32;
const empty = Buffer.alloc(0);

/**
 * Turns entries of kubelet's CRI log format (`<time> <stream> <F|P> <text>`) into what the user asked for. The text of
 * a `P` entry goes on in the next one. Lines that are no entries are left out, as kubelet does.
 */
export class LogFormatter {
  readonly #options: LogOptions;
  #rest: Buffer = empty;
  #atLineStart = true;
  #leftBytes: number;
  /** A log that grows while its last lines are read gives no more than were asked for; followed, it goes on. */
  #leftEntries: number;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#leftBytes = options.limitBytes ?? Number.POSITIVE_INFINITY;
    this.#leftEntries = (options.follow ? undefined : options.tailLines) ?? Number.POSITIVE_INFINITY;
  }

  /** Nothing more will be given out. */
  get full(): boolean {
    return this.#leftBytes <= 0 || this.#leftEntries <= 0;
  }

  /** The output for the file's next bytes; an entry that is not whole waits for the rest. */
  format(bytes: Buffer): Buffer {
    const data = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const output: Buffer[] = [];
    let start = 0;
    for (let end = data.indexOf(newline); end !== -1 && !this.full; end = data.indexOf(newline, start)) {
      this.#formatEntry(data.subarray(start, end + 1), output);
      start = end + 1;
      this.#leftEntries--;
    }
    // A copy, so that a short rest does not keep a large chunk alive.
    this.#rest = Buffer.from(data.subarray(start));
    return this.#limit(Buffer.concat(output));
  }

  /** Forgets an entry that will not become whole. */
  dropRest(): void {
    this.#rest = empty;
  }

  /** `entry` ends with its newline. */
  #formatEntry(entry: Buffer, output: Buffer[]): void {
    const timeEnd = entry.indexOf(space);
    const streamEnd = entry.indexOf(space, timeEnd + 1);
    const tagEnd = entry.indexOf(space, streamEnd + 1);
    if (timeEnd < 1 || streamEnd === -1 || tagEnd === -1) return;
    const { sinceMs, stream, timestamps } = this.#options;
    if (stream !== undefined && entry.toString("latin1", timeEnd + 1, streamEnd) !== stream) return;
    if (sinceMs !== undefined && !(Date.parse(entry.toString("latin1", 0, timeEnd)) >= sinceMs)) return;
    if (timestamps && this.#atLineStart) output.push(entry.subarray(0, timeEnd + 1));
    const partial = entry.toString("latin1", streamEnd + 1, tagEnd).split(":")[0] === "P";
    output.push(partial ? entry.subarray(tagEnd + 1, -1) : entry.subarray(tagEnd + 1));
    this.#atLineStart = !partial;
  }

  #limit(output: Buffer): Buffer {
    const given = output.length > this.#leftBytes ? output.subarray(0, this.#leftBytes) : output;
    this.#leftBytes -= given.length;
    return given;
  }
}
