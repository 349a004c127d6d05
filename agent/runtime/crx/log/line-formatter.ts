export type LogStream = "stdout" | "stderr";

/** A longer line is written in pieces of this size, as containerd does. */
export const maxPieceBytes = 16 << 10;

const newline = 10;

/**
 * Turns one stream's bytes into entries of kubelet's CRI log format, `<time> <stream> F <line>`; a line longer than
 * 16 KiB becomes entries marked `P`, then the last one `F`. The bytes of a line that has not ended yet are kept.
 */
export class LineFormatter {
  readonly #stream: LogStream;
  #rest: Buffer = Buffer.alloc(0);
  #offset: number;

  /** `offset` is how many bytes of the stream were formatted by an earlier formatter. */
  constructor(stream: LogStream, offset: number) {
    this.#stream = stream;
    this.#offset = offset;
  }

  /** How many bytes of the stream are in the entries given out so far. */
  get offset(): number {
    return this.#offset;
  }

  /** The entries that the stream's next bytes complete. */
  format(chunk: Buffer, time: string): Buffer {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const entries = new EntryBuffer(`${time} ${this.#stream} `, data.length);
    let start = 0;
    for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline, start)) {
      start = addPieces(entries, data, start, end);
      entries.add("F", data, start, end);
      start = end + 1;
    }
    start = addPieces(entries, data, start, data.length);
    this.#offset += start;
    // A copy, so that a short rest does not keep a large chunk alive.
    this.#rest = Buffer.from(data.subarray(start));
    return entries.take();
  }

  /** The entry for a last line without a newline, marked `P` so that readers add none. Nothing may follow. */
  finish(time: string): Buffer {
    const entries = new EntryBuffer(`${time} ${this.#stream} `, this.#rest.length);
    if (this.#rest.length > 0) entries.add("P", this.#rest, 0, this.#rest.length);
    this.#offset += this.#rest.length;
    this.#rest = Buffer.alloc(0);
    return entries.take();
  }
}

function addPieces(entries: EntryBuffer, data: Buffer, from: number, end: number): number {
  let start = from;
  for (; end - start > maxPieceBytes; start += maxPieceBytes) {
    entries.add("P", data, start, start + maxPieceBytes);
  }
  return start;
}

/** Grows as entries are added: how many there are is known only after the look for newlines. */
class EntryBuffer {
  readonly #full: Buffer;
  readonly #partial: Buffer;
  #bytes: Buffer;
  #length = 0;

  constructor(prefix: string, dataLength: number) {
    this.#full = Buffer.from(`${prefix}F `);
    this.#partial = Buffer.from(`${prefix}P `);
    this.#bytes = Buffer.allocUnsafe(dataLength * 2 + 128);
  }

  add(tag: "F" | "P", data: Buffer, start: number, end: number): void {
    const prefix = tag === "F" ? this.#full : this.#partial;
    this.#reserve(prefix.length + end - start + 1);
    prefix.copy(this.#bytes, this.#length);
    data.copy(this.#bytes, this.#length + prefix.length, start, end);
    this.#length += prefix.length + end - start + 1;
    this.#bytes[this.#length - 1] = newline;
  }

  take(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe((this.#length + length) * 2);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
