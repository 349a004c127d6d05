import type { Duplex } from "node:stream";
import { IncomingBody } from "./incoming-body.ts";
import { type MessageHead, MessageParser } from "./message-parser.ts";
import { ProtocolError } from "./protocol-error.ts";
import { headerList, headersOf, headerValue } from "./request-head.ts";

export interface ClientRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Names and values; `Host`, and what frames the body, are added. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body?: ReadableStream<Uint8Array> | null;
  /** How long the body is, where that is known: some servers read no body that comes in chunks. */
  readonly bodyBytes?: number;
  /** Closes the stream when it aborts, also in mid-answer; after an upgrade no longer. */
  readonly signal?: AbortSignal;
}

export type ClientAnswer =
  | { readonly kind: "response"; readonly response: Response }
  /** 101: the stream is paused, begins after the head, and belongs to the caller. */
  | { readonly kind: "upgraded"; readonly head: MessageHead };

const maxHeadBytes = 64 * 1024;

/**
 * Sends one request over a stream and resolves with the answer's head; a body is read as it is asked for. The stream
 * is closed after the answer unless that was an upgrade. Rejects with {@link ProtocolError}, the stream's error, or
 * the signal's reason.
 */
export function sendRequest(stream: Duplex, request: ClientRequest): Promise<ClientAnswer> {
  return new ClientExchange(stream, request).answer;
}

/** The body of a request that is passed on, as long as its sender has said. */
export function passedBody({ body, headers }: Request): Pick<ClientRequest, "body" | "bodyBytes"> {
  const declared = headers.get("content-length");
  return declared === null ? { body } : { body, bodyBytes: Number(declared) };
}

class ClientExchange {
  readonly answer: Promise<ClientAnswer>;
  readonly #stream: Duplex;
  readonly #request: ClientRequest;
  readonly #parser: MessageParser;
  readonly #resolve: (answer: ClientAnswer) => void;
  readonly #reject: (error: Error) => void;
  #body: IncomingBody | undefined;
  #upgraded: MessageHead | undefined;

  constructor(stream: Duplex, request: ClientRequest) {
    this.#stream = stream;
    this.#request = request;
    const { promise, resolve, reject } = Promise.withResolvers<ClientAnswer>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    const events = {
      onHead: (head: MessageHead) => this.#onHead(head),
      onBody: (bytes: Buffer) => this.#body?.push(bytes),
      onEnd: () => this.#onEnd(),
    };
    this.#parser = new MessageParser("response", events, maxHeadBytes);
    stream.on("data", this.#onData);
    stream.on("end", this.#onStreamEnd);
    stream.on("error", this.#fail);
    stream.on("close", this.#onClose);
    // One that an upgrade has handed over is paused.
    stream.resume();
    request.signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (request.signal?.aborted) this.#onAbort();
    else void this.#send().catch(this.#fail);
  }

  async #send(): Promise<void> {
    const { method, target, headers, body, bodyBytes } = this.#request;
    let head = `${method} ${target} HTTP/1.1\r\n`;
    if (!headers.some(([name]) => name.toLowerCase() === "host")) head += "Host: localhost\r\n";
    for (const [name, value] of headers) head += `${name}: ${value}\r\n`;
    if (body && bodyBytes !== undefined) head += `Content-Length: ${bodyBytes}\r\n`;
    else if (body) head += "Transfer-Encoding: chunked\r\n";
    else if (method !== "GET" && method !== "HEAD") head += "Content-Length: 0\r\n";
    this.#stream.write(Buffer.from(`${head}\r\n`, "latin1"));
    if (body && bodyBytes !== undefined) await this.#sendBytes(body, bodyBytes);
    else if (body) await this.#sendChunks(body);
  }

  async #sendBytes(body: ReadableStream<Uint8Array>, bodyBytes: number): Promise<void> {
    let left = bodyBytes;
    for await (const chunk of body) {
      if (this.#stream.destroyed) return;
      left -= chunk.byteLength;
      if (left < 0) break;
      if (!this.#stream.write(chunk)) await drained(this.#stream);
    }
    // What follows would be taken for another request, or the rest be waited for.
    if (left !== 0)
      throw new ProtocolError(400, `The body is not of the ${bodyBytes} bytes that it should have`);
  }

  async #sendChunks(body: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of body) {
      if (this.#stream.destroyed) return;
      if (chunk.byteLength === 0) continue;
      const framed = Buffer.concat([
        Buffer.from(`${chunk.byteLength.toString(16)}\r\n`),
        chunk,
        Buffer.from("\r\n"),
      ]);
      if (!this.#stream.write(framed)) await drained(this.#stream);
    }
    this.#stream.write("0\r\n\r\n");
  }

  readonly #onData = (bytes: Buffer): void => {
    let rest = bytes;
    try {
      while (rest.length > 0 && !this.#parser.halted) {
        rest = rest.subarray(this.#parser.execute(rest));
        if (this.#upgraded !== undefined) {
          this.#handOver(this.#upgraded, rest);
          return;
        }
        // A 1xx answer has been passed over.
        if (this.#body === undefined) this.#parser.next();
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error : new ProtocolError(400, "The answer is malformed"));
    }
  };

  #onHead(head: MessageHead): boolean {
    const { statusCode } = head;
    if (statusCode === 101) {
      this.#upgraded = head;
      return true;
    }
    if (statusCode < 200) return true;
    if (statusCode > 599) throw new ProtocolError(400, `The answer has the status ${statusCode}`);
    checkFraming(head);
    const stream = this.#stream;
    const body = new IncomingBody({
      wanted: () => stream.resume(),
      full: () => stream.pause(),
      // Nobody reads the rest: there is no other answer to keep the stream for.
      discarded: () => stream.destroy(),
    });
    this.#body = body;
    const bodiless = this.#request.method === "HEAD" || statusCode === 204 || statusCode === 304;
    const init = { status: statusCode, statusText: head.statusMessage, headers: headersOf(head) };
    this.#resolve({ kind: "response", response: new Response(bodiless ? null : body.stream(), init) });
    return bodiless;
  }

  #onEnd(): void {
    if (this.#body === undefined) return;
    this.#body.end();
    this.#stream.destroy();
  }

  readonly #onStreamEnd = (): void => {
    try {
      this.#parser.finish();
      this.#fail(new ProtocolError(400, "The connection closed before an answer"));
    } catch (error) {
      this.#fail(error instanceof Error ? error : new ProtocolError(400, "The answer was cut off"));
    }
  };

  readonly #fail = (error: Error): void => {
    this.#reject(error);
    this.#body?.fail(error);
    this.#stream.destroy();
  };

  readonly #onClose = (): void => {
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
    this.#fail(new ProtocolError(400, "The connection closed before the answer was complete"));
  };

  readonly #onAbort = (): void => {
    const reason: unknown = this.#request.signal?.reason;
    this.#fail(reason instanceof Error ? reason : new Error("The request was aborted"));
  };

  #handOver(head: MessageHead, rest: Buffer): void {
    const stream = this.#stream;
    stream.pause();
    stream.off("data", this.#onData);
    stream.off("end", this.#onStreamEnd);
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
    if (rest.length > 0) stream.unshift(rest);
    this.#resolve({ kind: "upgraded", head });
  }
}

function checkFraming(head: MessageHead): void {
  const encodings = headerList(head, "transfer-encoding");
  const length = headerValue(head, "content-length");
  if (encodings.length > 1 || (encodings[0] ?? "chunked").toLowerCase() !== "chunked") {
    throw new ProtocolError(501, "The answer's Transfer-Encoding is not chunked");
  }
  if (length === undefined) return;
  if (encodings.length > 0) throw new ProtocolError(400, "The answer has both a length and chunks");
  if (!/^[0-9]{1,15}$/.test(length)) throw new ProtocolError(400, "The answer's Content-Length is malformed");
}

function drained(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      stream.off("drain", finish);
      stream.off("close", finish);
      resolve();
    };
    stream.on("drain", finish);
    stream.on("close", finish);
  });
}
