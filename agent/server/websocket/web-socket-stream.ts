import { Duplex } from "node:stream";
import type { RequestHead } from "../../../supervisor/base/http/request-head.ts";
import { WebSocket } from "../../../supervisor/base/http/web-socket.ts";

/** A byte stream in the binary messages of a WebSocket: how kubectl carries SPDY (KEP-4006). */
export class WebSocketStream extends Duplex {
  readonly #socket: WebSocket;

  constructor(stream: Duplex, head: RequestHead, protocol: string) {
    super({ allowHalfOpen: true });
    this.#socket = new WebSocket(stream, head, protocol, (data) => {
      if (!this.push(typeof data === "string" ? Buffer.from(data) : data)) this.#socket.pause();
    });
    void this.#socket.closed.then(() => {
      this.push(null);
      this.destroy();
    });
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    this.#socket.send(chunk).then(() => callback(), callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#socket.close();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#socket.close();
    callback(error);
  }
}
