import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { PeerSubject } from "./connection-info.ts";
import { Deadline } from "./deadline.ts";
import { Exchange } from "./exchange.ts";
import { fixedResponse } from "./fixed-response.ts";
import type { HttpLimits, HttpOptions, TakeOver } from "./http-options.ts";
import { IncomingBody } from "./incoming-body.ts";
import { type MessageHead, MessageParser } from "./message-parser.ts";
import { ProtocolError } from "./protocol-error.ts";
import { checkRequestHead } from "./request-head.ts";
import { runTogether } from "./run-together.ts";
import { StreamWriter } from "./stream-writer.ts";
import { writeResponse } from "./write-response.ts";

/**
 * One connection's requests, one after another. While an answer is in work the stream is still read, so that a client
 * that leaves is noticed; what comes early is kept, within bounds, for the next turn.
 */
export class HttpConnection {
  readonly closed: Promise<void>;
  readonly #stream: Duplex;
  readonly #options: HttpOptions;
  readonly #limits: HttpLimits;
  readonly #client: { readonly remoteAddress: string; readonly peer?: PeerSubject };
  readonly #parser: MessageParser;
  readonly #writer: StreamWriter;
  readonly #deadline: Deadline;
  #exchange: Exchange | undefined;
  #ahead: Buffer[] = [];
  #aheadBytes = 0;
  #headStarted = false;
  #bodyFull = false;
  #closing = false;

  constructor(
    stream: Duplex,
    options: HttpOptions,
    limits: HttpLimits,
    client: { readonly remoteAddress: string; readonly peer?: PeerSubject },
  ) {
    this.#stream = stream;
    this.#options = options;
    this.#limits = limits;
    this.#client = client;
    this.#writer = new StreamWriter(stream, limits.writeStallMs);
    this.#deadline = new Deadline(() => this.#expired());
    this.#parser = new MessageParser(
      "request",
      {
        onHead: (head) => this.#onHead(head),
        onBody: (bytes) => this.#exchange?.body.push(bytes),
        onEnd: () => this.#exchange?.body.end(),
      },
      limits.headBytes,
    );
    this.closed = new Promise((resolve) => stream.once("close", () => resolve(this.#onClose())));
    stream.on("error", () => stream.destroy());
    stream.on("data", this.#onData);
    stream.on("end", this.#onEnd);
    this.#deadline.set(limits.headMs);
    if (stream.destroyed) stream.emit("close");
  }

  /** Takes no further request. */
  stop(): void {
    this.#closing = true;
    if (this.#exchange === undefined) this.#close();
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#parser.halted) this.#keep(bytes);
    else this.#feed(bytes);
  };

  readonly #onEnd = (): void => {
    this.#closing = true;
    // A client that has closed its side does not wait for the answer (so does Go's server see it).
    this.#exchange?.abort();
    this.#exchange?.body.fail(new Error("The client closed the connection"));
    if (this.#exchange === undefined || !this.#exchange.dispatched) this.#close();
  };

  #onClose(): void {
    this.#deadline.close();
    this.#takeAhead();
    this.#exchange?.abort();
    this.#exchange?.body.fail(new Error("The connection closed"));
  }

  #keep(bytes: Buffer): void {
    if (this.#closing) return;
    this.#ahead.push(bytes);
    this.#aheadBytes += bytes.length;
    this.#updateFlow();
  }

  #updateFlow(): void {
    const hold = this.#bodyFull || this.#aheadBytes >= this.#limits.aheadBytes;
    if (hold === this.#stream.isPaused()) return;
    if (hold) this.#stream.pause();
    else this.#stream.resume();
  }

  #feed(bytes: Buffer): void {
    try {
      const used = this.#parser.execute(bytes);
      if (used < bytes.length) this.#keep(bytes.subarray(used));
    } catch (error) {
      this.#refuse(error);
      return;
    }
    const exchange = this.#exchange;
    if (exchange === undefined) this.#awaitHead();
    else this.#proceed(exchange);
  }

  #proceed(exchange: Exchange): void {
    if (!exchange.body.ended) this.#deadline.set(this.#limits.bodyStallMs);
    else this.#deadline.clear();
    if (exchange.dispatched || !exchange.ready) return;
    exchange.dispatched = true;
    if (exchange.takeOver !== undefined) this.#handOver(exchange.takeOver);
    else runTogether(() => void this.#answer(exchange));
  }

  #awaitHead(): void {
    if (this.#headStarted) return;
    this.#headStarted = true;
    this.#deadline.set(this.#limits.headMs);
  }

  #onHead(message: MessageHead): boolean {
    const head = checkRequestHead(message);
    const body = new IncomingBody({
      wanted: () => this.#bodyWanted(exchange),
      discarded: () => this.#release(exchange),
      full: () => {
        this.#bodyFull = true;
        this.#deadline.clear();
        this.#updateFlow();
      },
    });
    const exchange = new Exchange(head, body, this.#client);
    if (head.upgrade !== undefined) exchange.takeOver = this.#options.upgrade?.(head, exchange);
    this.#exchange = exchange;
    if (exchange.takeOver === undefined) return false;
    if (head.contentLength > 0) throw new ProtocolError(400, "A request to upgrade has no body");
    return true;
  }

  #bodyWanted(exchange: Exchange): void {
    const { head, body } = exchange;
    if (head.expectsContinue && !exchange.continued && !exchange.answering && !body.ended) {
      exchange.continued = true;
      this.#writer.write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    this.#release(exchange);
  }

  #release(exchange: Exchange): void {
    if (!this.#bodyFull) return;
    this.#bodyFull = false;
    if (!exchange.body.ended) this.#deadline.set(this.#limits.bodyStallMs);
    this.#updateFlow();
  }

  async #answer(exchange: Exchange): Promise<void> {
    const response = await this.#callHandler(exchange);
    exchange.answering = true;
    const { head, body } = exchange;
    const close = !head.keepAlive || this.#closing || !body.ended;
    if (!body.ended) body.discard();
    try {
      await writeResponse(this.#writer, response, {
        method: head.method,
        http10: head.http10,
        close,
        exchange,
      });
    } catch {
      // The head is out already: cutting the connection is the only way left to tell the client.
      this.#stream.destroy();
      return;
    }
    if (close || this.#closing) this.#close();
    else this.#nextRequest();
  }

  async #callHandler(exchange: Exchange): Promise<Response> {
    try {
      return await this.#options.handler(exchange.request(), exchange);
    } catch (error) {
      this.#options.onHandlerError?.(error, exchange.head);
      return plainError(500, "The request could not be handled");
    }
  }

  #nextRequest(): void {
    // Closed while the answer was written: a deadline would only keep the process.
    if (this.#stream.destroyed) return;
    this.#exchange = undefined;
    this.#headStarted = false;
    this.#bodyFull = false;
    this.#parser.next();
    this.#deadline.set(this.#limits.idleMs);
    const bytes = this.#takeAhead();
    this.#updateFlow();
    if (bytes.length > 0) this.#feed(bytes);
  }

  #takeAhead(): Buffer {
    const bytes = Buffer.concat(this.#ahead);
    this.#ahead = [];
    this.#aheadBytes = 0;
    return bytes;
  }

  #handOver(takeOver: TakeOver): void {
    const stream = this.#stream;
    this.#deadline.close();
    stream.pause();
    stream.off("data", this.#onData);
    stream.off("end", this.#onEnd);
    const rest = this.#takeAhead();
    if (rest.length > 0) stream.unshift(rest);
    takeOver(stream);
  }

  #refuse(error: unknown): void {
    const refusal =
      error instanceof ProtocolError ? error : new ProtocolError(400, "The message is malformed");
    const exchange = this.#exchange;
    this.#stream.off("data", this.#onData);
    this.#stream.resume();
    exchange?.abort();
    exchange?.body.fail(refusal);
    // An answer under way cannot be followed by another: the client would take it for the next request's.
    if (exchange?.answering === true) return void this.#stream.destroy();
    this.#closing = true;
    if (exchange?.dispatched === true) return;
    const response = plainError(refusal.status, refusal.message);
    const context = { method: "", http10: false, close: true, exchange };
    writeResponse(this.#writer, response, context).then(
      () => this.#close(),
      () => this.#stream.destroy(),
    );
  }

  #expired(): void {
    if (this.#exchange === undefined && !this.#headStarted) this.#close();
    else this.#refuse(new ProtocolError(408, "The request did not come in time"));
  }

  /** Ends the stream; what is still sent is dropped, and the connection is cut when the client lingers. */
  #close(): void {
    const stream = this.#stream;
    this.#closing = true;
    if (stream.destroyed) return;
    const cut = (): void => void stream.destroy();
    const stalled = setTimeout(cut, this.#limits.writeStallMs);
    stream.once("close", () => clearTimeout(stalled));
    stream.resume();
    stream.end(() => {
      clearTimeout(stalled);
      if (stream.destroyed) return;
      const lingering = setTimeout(cut, this.#limits.lingerMs);
      stream.once("close", () => clearTimeout(lingering));
    });
  }
}

function plainError(status: number, message: string): Response {
  return fixedResponse(`${status} ${STATUS_CODES[status]}: ${message}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}
