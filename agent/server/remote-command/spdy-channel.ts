import type { Duplex, Readable, Writable } from "node:stream";
import type { Status } from "../../../supervisor/apimachinery/errors.ts";
import { SpdyConnection } from "../spdy/spdy-connection.ts";
import type { SpdyStream } from "../spdy/spdy-stream.ts";
import { parseTerminalSize, type RemoteCommandChannel, type TerminalSize } from "./remote-command-channel.ts";
import type { StreamOptions } from "./stream-options.ts";

/** The protocols by which exec and attach are spoken over SPDY; without a header it is the first. */
export const spdyCommandProtocols = [
  "v4.channel.k8s.io",
  "v3.channel.k8s.io",
  "v2.channel.k8s.io",
  "channel.k8s.io",
];

/** kubelet's `DefaultStreamCreationTimeout`. */
const streamsTimeoutMs = 30_000;

/** Each channel is a stream of its own, named by its header `streamtype`. */
export class SpdyChannel implements RemoteCommandChannel {
  readonly closed: Promise<void>;
  readonly #connection: SpdyConnection;
  readonly #protocol: string;
  readonly #streams = new Map<string, SpdyStream>();
  readonly #wanted: ReadonlySet<string>;
  readonly #complete = Promise.withResolvers<boolean>();
  #size: TerminalSize | undefined;
  #onResize: ((size: TerminalSize) => void) | undefined;

  constructor(stream: Duplex, protocol: string, options: StreamOptions) {
    this.#protocol = protocol;
    const resizable = options.tty && (protocol === "v4.channel.k8s.io" || protocol === "v3.channel.k8s.io");
    this.#wanted = new Set([
      "error",
      ...(options.stdin ? ["stdin"] : []),
      ...(options.stdout ? ["stdout"] : []),
      ...(options.stderr ? ["stderr"] : []),
      ...(resizable ? ["resize"] : []),
    ]);
    this.#connection = new SpdyConnection(stream, (opened) => this.#opened(opened));
    this.closed = this.#connection.closed;
    void this.closed.then(() => this.#complete.resolve(false));
  }

  get stdin(): Readable | undefined {
    return this.#streams.get("stdin");
  }

  get stdout(): Writable | undefined {
    return this.#streams.get("stdout");
  }

  get stderr(): Writable | undefined {
    return this.#streams.get("stderr");
  }

  /** Resolves with true when the client has opened all its streams; with false, and closes, when it does not. */
  async ready(): Promise<boolean> {
    const timer = setTimeout(() => this.#complete.resolve(false), streamsTimeoutMs);
    const complete = await this.#complete.promise;
    clearTimeout(timer);
    if (!complete) this.#connection.close();
    return complete;
  }

  onResize(listener: (size: TerminalSize) => void): void {
    this.#onResize = listener;
    if (this.#size !== undefined) listener(this.#size);
  }

  async finish(status: Status): Promise<void> {
    const structured = this.#protocol === "v4.channel.k8s.io";
    const text = structured
      ? JSON.stringify(status)
      : status.status === "Success"
        ? ""
        : (status.message ?? "");
    // The client reads the outcome after its outputs have ended.
    await Promise.all(["stdout", "stderr"].map((name) => endOf(this.#streams.get(name))));
    await endOf(this.#streams.get("error"), text);
    this.#connection.close();
    await this.closed;
  }

  #opened(stream: SpdyStream): void {
    const name = stream.headers.get("streamtype") ?? "";
    if (!this.#wanted.has(name) || this.#streams.has(name)) {
      stream.destroy();
      return;
    }
    this.#streams.set(name, stream);
    if (name === "resize") this.#readSizes(stream);
    if (name === "error" || name === "stdout" || name === "stderr") stream.resume();
    if (this.#streams.size === this.#wanted.size) this.#complete.resolve(true);
  }

  /** The sizes come as a row of JSON objects, which hold no other braces. */
  #readSizes(stream: SpdyStream): void {
    let text = "";
    stream.on("data", (bytes: Buffer) => {
      text = (text + bytes.toString("utf8")).slice(-4096);
      for (let end = text.indexOf("}"); end !== -1; end = text.indexOf("}")) {
        const size = parseTerminalSize(text.slice(0, end + 1));
        text = text.slice(end + 1);
        if (size === undefined) continue;
        this.#size = size;
        this.#onResize?.(size);
      }
    });
  }
}

function endOf(stream: SpdyStream | undefined, text = ""): Promise<void> {
  return new Promise((resolve) => {
    if (stream === undefined || stream.destroyed) return resolve();
    stream.once("close", () => resolve());
    if (text !== "") stream.write(text);
    stream.end(() => resolve());
  });
}
