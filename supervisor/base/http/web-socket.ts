/** The adapter for websocket-driver: RFC 6455, the server's side, over a stream that was taken over. */
import type { Duplex } from "node:stream";
import websocket from "websocket-driver";
import { headerList, type RequestHead } from "./request-head.ts";

/** The longest message; kubectl sends 32 KiB. */
const maxMessageBytes = 4 * 1024 * 1024;
/** How long the client may take to close after it was told to. */
const partingMs = 2000;

export class WebSocket {
  /** Resolves when the connection has closed, whoever closed it. */
  readonly closed: Promise<void>;
  readonly #stream: Duplex;
  readonly #driver: ReturnType<typeof websocket.http>;
  #undrained: (() => void)[] = [];

  /** Answers the request; `protocol` is one that the client offers, or empty. */
  constructor(
    stream: Duplex,
    head: RequestHead,
    protocol: string,
    onMessage: (data: Buffer | string) => void,
  ) {
    this.#stream = stream;
    this.#driver = websocket.http(
      { method: head.method, url: head.target, headers: headersOf(head) },
      { protocols: protocol === "" ? [] : [protocol], maxLength: maxMessageBytes },
    );
    this.#driver.io.on("data", (bytes) => {
      if (!stream.destroyed && !stream.writableEnded) stream.write(bytes);
    });
    this.#driver.on("message", (event) => onMessage(event.data));
    this.#driver.on("error", () => {});
    this.#driver.on("close", () => stream.end());
    this.closed = new Promise((resolve) => stream.once("close", () => resolve()));
    stream.on("error", () => {});
    stream.on("drain", () => this.#wake());
    stream.on("close", () => this.#wake());
    stream.on("end", () => stream.end());
    stream.on("data", (bytes: Buffer) => this.#driver.io.write(bytes));
    this.#driver.start();
    stream.resume();
  }

  /** Sends a message; resolves when more may be sent. */
  async send(data: Buffer | string): Promise<void> {
    if (typeof data === "string") this.#driver.text(data);
    else this.#driver.binary(data);
    if (this.#stream.destroyed || !this.#stream.writableNeedDrain) return;
    await new Promise<void>((resolve) => this.#undrained.push(resolve));
  }

  /** Holds up the client's messages; a few may still come. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Closes after what has been sent. */
  close(code = 1000, reason = ""): void {
    this.#driver.close(reason, code);
    this.#stream.resume();
    const cut = setTimeout(() => this.#stream.destroy(), partingMs);
    this.#stream.once("close", () => clearTimeout(cut));
  }

  #wake(): void {
    for (const resolve of this.#undrained.splice(0)) resolve();
  }
}

/** The protocol to speak: the first of the client's that is spoken here; undefined when there is none. */
export function chooseProtocol(head: RequestHead, spoken: readonly string[]): string | undefined {
  const offered = headerList(head, "sec-websocket-protocol");
  if (offered.length === 0) return spoken.includes("") ? "" : undefined;
  return offered.find((protocol) => spoken.includes(protocol));
}

function headersOf(head: RequestHead): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < head.rawHeaders.length; at += 2) {
    headers[head.rawHeaders[at]?.toLowerCase() ?? ""] = head.rawHeaders[at + 1] ?? "";
  }
  // Only what is chosen counts, and a list in several lines is one list.
  headers["sec-websocket-protocol"] = headerList(head, "sec-websocket-protocol").join(", ");
  return headers;
}
