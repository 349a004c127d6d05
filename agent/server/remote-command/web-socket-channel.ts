import { type Duplex, PassThrough, type Readable, Writable } from "node:stream";
import type { Status } from "../../../supervisor/apimachinery/errors.ts";
import type { RequestHead } from "../../../supervisor/base/http/request-head.ts";
import { WebSocket } from "../../../supervisor/base/http/web-socket.ts";
import { parseTerminalSize, type RemoteCommandChannel, type TerminalSize } from "./remote-command-channel.ts";
import type { StreamOptions } from "./stream-options.ts";

/** The protocols by which exec and attach are spoken over WebSocket; the empty one is the oldest. */
export const webSocketCommandProtocols = [
  "v5.channel.k8s.io",
  "v4.channel.k8s.io",
  "v4.base64.channel.k8s.io",
  "channel.k8s.io",
  "base64.channel.k8s.io",
  "",
];

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** Each message begins with its channel; in the base64 protocols as a digit. */
export class WebSocketChannel implements RemoteCommandChannel {
  readonly stdin: Readable | undefined;
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #protocol: string;
  readonly #input = new PassThrough();
  #size: TerminalSize | undefined;
  #onResize: ((size: TerminalSize) => void) | undefined;

  constructor(stream: Duplex, head: RequestHead, protocol: string, options: StreamOptions) {
    this.#protocol = protocol;
    this.#socket = new WebSocket(stream, head, protocol, (data) => this.#receive(data));
    this.closed = this.#socket.closed;
    this.#input.on("drain", () => this.#socket.resume());
    this.#input.on("error", () => {});
    void this.closed.then(() => this.#input.end());
    this.stdin = options.stdin ? this.#input : undefined;
    this.stdout = options.stdout ? this.#output(channels.stdout) : undefined;
    this.stderr = options.stderr ? this.#output(channels.stderr) : undefined;
    // kubelet greets so; some clients wait for it.
    const first = options.stdout ? channels.stdout : options.stderr ? channels.stderr : channels.error;
    void this.#send(first, Buffer.alloc(0));
  }

  onResize(listener: (size: TerminalSize) => void): void {
    this.#onResize = listener;
    if (this.#size !== undefined) listener(this.#size);
  }

  async finish(status: Status): Promise<void> {
    const structured = this.#protocol.startsWith("v4.") || this.#protocol.startsWith("v5.");
    const text = structured
      ? JSON.stringify(status)
      : status.status === "Success"
        ? ""
        : (status.message ?? "");
    if (text !== "") await this.#send(channels.error, Buffer.from(text));
    this.#socket.close();
    await this.closed;
  }

  #output(channel: number): Writable {
    const output = new Writable({
      write: (chunk: Buffer, _encoding, callback) => {
        this.#send(channel, chunk).then(() => callback(), callback);
      },
    });
    output.on("error", () => {});
    return output;
  }

  #send(channel: number, bytes: Buffer): Promise<void> {
    if (this.#protocol.includes("base64")) return this.#socket.send(`${channel}${bytes.toString("base64")}`);
    return this.#socket.send(Buffer.concat([Buffer.from([channel]), bytes]));
  }

  #receive(data: Buffer | string): void {
    const message = this.#decode(data);
    if (message === undefined) return;
    const { channel, bytes } = message;
    if (channel === channels.stdin) this.#receiveInput(bytes);
    else if (channel === channels.resize) this.#receiveSize(bytes);
    else if (
      channel === channels.close &&
      this.#protocol === "v5.channel.k8s.io" &&
      bytes[0] === channels.stdin
    ) {
      this.#input.end();
    }
  }

  #receiveInput(bytes: Buffer): void {
    if (this.stdin === undefined || this.#input.writableEnded) return;
    if (!this.#input.write(bytes)) this.#socket.pause();
  }

  #receiveSize(bytes: Buffer): void {
    // The sizes come as a row of JSON texts; one message holds one.
    const size = parseTerminalSize(bytes.toString("utf8"));
    if (size === undefined) return;
    this.#size = size;
    this.#onResize?.(size);
  }

  #decode(data: Buffer | string): { readonly channel: number; readonly bytes: Buffer } | undefined {
    const raw = typeof data === "string" ? Buffer.from(data) : data;
    const [first] = raw;
    if (first === undefined) return undefined;
    const bytes = raw.subarray(1);
    if (!this.#protocol.includes("base64")) return { channel: first, bytes };
    return { channel: first - 48, bytes: Buffer.from(bytes.toString("latin1"), "base64") };
  }
}
