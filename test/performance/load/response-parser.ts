/** Receives the parts of one HTTP/1.1 response after another. */
export interface ResponseHandler {
  head(status: number): void;
  body(part: Buffer): void;
  end(): void;
}

type State = "head" | "body" | "chunk size" | "chunk" | "chunk end" | "trailer";

/**
 * Reads HTTP/1.1 responses with a content length or in chunks, and nothing else: a client that measures a server must
 * cost little itself. Parts are handed on without a copy.
 */
export class ResponseParser {
  readonly #handler: ResponseHandler;
  #state: State = "head";
  #rest: Buffer | undefined;
  /** Bytes of the body or of the chunk that are still to come. */
  #left = 0;

  constructor(handler: ResponseHandler) {
    this.#handler = handler;
  }

  push(data: Buffer): void {
    let input = this.#rest === undefined ? data : Buffer.concat([this.#rest, data]);
    this.#rest = undefined;
    while (input.length > 0) {
      const used = this.#step(input);
      if (used === 0) {
        this.#rest = input;
        return;
      }
      input = input.subarray(used);
    }
  }

  /** Reads what it can of one element; the bytes used, or 0 when more is needed. */
  #step(input: Buffer): number {
    if (this.#state === "head") return this.#readHead(input);
    if (this.#state === "body" || this.#state === "chunk") return this.#readBody(input);
    const end = input.indexOf("\r\n");
    if (end < 0) return 0;
    if (this.#state === "chunk size") {
      this.#left = Number.parseInt(input.toString("latin1", 0, end), 16);
      this.#state = this.#left === 0 ? "trailer" : "chunk";
    } else if (this.#state === "chunk end") {
      this.#state = "chunk size";
    } else if (end === 0) {
      this.#finish();
    }
    return end + 2;
  }

  #readHead(input: Buffer): number {
    const end = input.indexOf("\r\n\r\n");
    if (end < 0) return 0;
    const head = input.toString("latin1", 0, end);
    this.#handler.head(Number(head.slice(9, 12)));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length !== undefined) {
      this.#left = Number(length);
      this.#state = "body";
      if (this.#left === 0) this.#finish();
    } else if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
      this.#state = "chunk size";
    } else {
      this.#finish();
    }
    return end + 4;
  }

  #readBody(input: Buffer): number {
    const part = input.length > this.#left ? input.subarray(0, this.#left) : input;
    this.#left -= part.length;
    this.#handler.body(part);
    if (this.#left === 0) {
      if (this.#state === "chunk") this.#state = "chunk end";
      else this.#finish();
    }
    return part.length;
  }

  #finish(): void {
    this.#state = "head";
    this.#handler.end();
  }
}
