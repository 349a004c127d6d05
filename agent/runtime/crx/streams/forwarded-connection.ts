import { Duplex } from "node:stream";
import { InboundReadable } from "../channel/inbound-readable.ts";
import type { OutboundStream } from "../channel/outbound-stream.ts";
import type { StreamMultiplexer } from "../channel/stream-multiplexer.ts";

/** A connection to a port in a guest as a node stream; either side may end its half first. */
export class ForwardedConnection extends Duplex {
  readonly #streams: StreamMultiplexer;
  readonly #input: OutboundStream;
  readonly #output: InboundReadable;

  /** `inputId` carries bytes to the server in the guest, `outputId` bytes from it. */
  constructor(streams: StreamMultiplexer, inputId: number, outputId: number) {
    super({ allowHalfOpen: true });
    this.#streams = streams;
    this.#input = streams.attachOutbound(inputId);
    this.#output = new InboundReadable(streams.attachInbound(outputId, 0), () => streams.close(outputId));
    this.#output.on("data", (bytes: Buffer) => {
      if (!this.push(bytes)) this.#output.pause();
    });
    this.#output.on("end", () => this.push(null));
    this.#output.on("error", (error) => this.destroy(error));
    this.#input.on("error", (error) => this.destroy(error));
    this.on("error", () => {});
  }

  override _read(): void {
    this.#output.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#input.write(bytes, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#input.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#streams.close(this.#input.id);
    this.#output.destroy();
    done(error);
  }
}
