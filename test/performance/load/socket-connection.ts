import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { HttpTransportOptions } from "../../../supervisor/client/http-transport.ts";
import { type LoadConnection, type LoadRequest, type LoadResponse, tlsOptions } from "./load-connection.ts";
import { ResponseParser } from "./response-parser.ts";

/** HTTP over a socket of its own: costs about a third of what node:https does, so that the server is what limits. */
export class SocketConnection implements LoadConnection {
  readonly #socket: Socket;
  readonly #headers: string;
  readonly #parser: ResponseParser;
  #current: { keep: boolean; status: number; bytes: number; parts: Buffer[] } | undefined;
  #resolve: (response: LoadResponse) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #onPart: ((part: Buffer) => void) | undefined;

  private constructor(socket: Socket, headers: string) {
    this.#socket = socket;
    this.#headers = headers;
    this.#parser = new ResponseParser({
      head: (status) => this.#onHead(status),
      body: (part) => this.#onBody(part),
      end: () => this.#onEnd(),
    });
    socket.setNoDelay(true);
    socket.on("data", (data: Buffer) => this.#parser.push(data));
    socket.on("error", (error) => this.#reject(error));
    socket.on("close", () => this.#reject(new Error("The server closed the connection")));
  }

  static async open(server: HttpTransportOptions): Promise<SocketConnection> {
    const url = new URL(server.server);
    const { credentials } = server;
    const authorization =
      credentials?.token === undefined ? "" : `Authorization: Bearer ${credentials.token}\r\n`;
    const headers = `Host: ${url.host}\r\nUser-Agent: pacific-load\r\nAccept: application/json\r\n${authorization}`;
    const host = url.hostname;
    const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
    const socket = await new Promise<Socket>((resolve, reject) => {
      const opened: Socket =
        url.protocol === "https:"
          ? connectTls({ host, port, ...tlsOptions(server) }, () => resolve(opened))
          : connectPlain({ host, port }, () => resolve(opened));
      opened.once("error", reject);
    });
    return new SocketConnection(socket, headers);
  }

  /** Sends a request; rejects when the connection breaks. Only one may be under way. */
  request(request: LoadRequest, keepBody = false): Promise<LoadResponse> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#current = { keep: keepBody, status: 0, bytes: 0, parts: [] };
      this.#send(request);
    });
  }

  /** Sends a request whose answer has no end, as a watch; resolves with the status, parts come as they arrive. */
  stream(path: string, onPart: (part: Buffer) => void): Promise<LoadResponse> {
    this.#onPart = onPart;
    return this.request({ method: "GET", path });
  }

  close(): void {
    this.#reject = () => undefined;
    this.#socket.destroy();
  }

  #send({ method, path, body, contentType = "application/json" }: LoadRequest): void {
    const start = `${method} ${path} HTTP/1.1\r\n${this.#headers}`;
    if (body === undefined) {
      this.#socket.write(`${start}\r\n`, "latin1");
      return;
    }
    const head = `${start}Content-Type: ${contentType}\r\nContent-Length: ${body.length}\r\n\r\n`;
    this.#socket.write(Buffer.concat([Buffer.from(head, "latin1"), body]));
  }

  #onHead(status: number): void {
    if (this.#current === undefined) return;
    this.#current.status = status;
    if (status >= 400) this.#current.keep = true;
    else if (this.#onPart !== undefined) this.#resolve({ status, bytes: 0, body: "" });
  }

  #onBody(part: Buffer): void {
    this.#onPart?.(part);
    if (this.#current === undefined) return;
    this.#current.bytes += part.length;
    if (this.#current.keep) this.#current.parts.push(part);
  }

  #onEnd(): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    const { status, bytes, parts } = current;
    this.#resolve({ status, bytes, body: Buffer.concat(parts).toString() });
  }
}
