import { connect, type TLSSocket } from "node:tls";
import type { HttpTransportOptions } from "../../../supervisor/client/http-transport.ts";

/** One connection of HTTP/1.1 over TLS that sends a request only when it has the whole answer to the one before. */
export class OneConnection {
  /** The client's TCP port, which names the connection in a trace of the server. */
  readonly port: number;
  readonly #socket: TLSSocket;
  #received = Buffer.alloc(0);
  #settle: { resolve(answer: string): void; reject(error: Error): void } | undefined;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.port = socket.localPort ?? 0;
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("error", (error) => this.#settle?.reject(error));
    socket.on("close", () => this.#settle?.reject(new Error("The server closed the connection")));
  }

  static async open({ server, caPem, credentials }: HttpTransportOptions): Promise<OneConnection> {
    const { hostname: host, port } = new URL(server);
    const socket = connect({
      ...{ host, port: Number(port), ca: caPem },
      ...{ cert: credentials?.certificatePem, key: credentials?.keyPem },
    });
    await new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
    });
    return new OneConnection(socket);
  }

  /** Resolves with the whole answer, head and body. Rejects when the connection breaks before it is there. */
  request(method: string, path: string, body = ""): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      const head = [`${method} ${path} HTTP/1.1`, "Host: localhost", "Content-Type: application/json"];
      const text = `${head.join("\r\n")}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
      if (this.#socket.destroyed) reject(new Error("The connection is closed"));
      else this.#socket.write(text);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received.toString("latin1", 0, headEnd))?.[1]);
    if (this.#received.length < headEnd + 4 + length) return;
    const answer = this.#received.toString();
    this.#received = Buffer.alloc(0);
    this.#settle?.resolve(answer);
  }
}
