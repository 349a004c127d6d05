import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the proxy does to one answer. */
export type Fault =
  | { readonly type: "none" }
  /** Closes the connection after so many bytes of the body, when the promise resolves. */
  | { readonly type: "cut"; readonly afterBytes: number; readonly when?: Promise<void> }
  /** Sends so many bytes of the body and then nothing, with the connection open. */
  | { readonly type: "stall"; readonly afterBytes: number }
  /** Answers rightly, after a time. */
  | { readonly type: "slow"; readonly delayMs: number }
  | { readonly type: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Changes the whole body. */
  | { readonly type: "forge"; readonly forge: (body: Buffer) => Buffer };

export interface ProxiedRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** A proxy on loopback before a registry that goes wrong as a test wants it. */
export class FaultyProxy {
  readonly #server: Server;
  readonly #target: string;
  /** Decides on each request; `index` counts the requests. */
  readonly #plan: (request: ProxiedRequest, index: number) => Fault;
  readonly requests: ProxiedRequest[] = [];
  /** `127.0.0.1:PORT` */
  address = "";

  private constructor(target: string, plan: (request: ProxiedRequest, index: number) => Fault) {
    this.#target = target;
    this.#plan = plan;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(
    target: string,
    plan: (request: ProxiedRequest, index: number) => Fault,
    port = 0,
  ): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target, plan);
    await new Promise<void>((resolve) => proxy.#server.listen(port, "127.0.0.1", resolve));
    // A server that listens on TCP has an address of this kind.
    proxy.address = `127.0.0.1:${(proxy.#server.address() as AddressInfo).port}`;
    return proxy;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "";
    const { range, authorization } = request.headers;
    const seen = { path, range, authorization };
    const fault = this.#plan(seen, this.requests.length);
    this.requests.push(seen);
    if (fault.type === "status") {
      response.writeHead(fault.status, fault.headers).end();
      return;
    }
    const headers: Record<string, string> = { accept: request.headers.accept ?? "*/*" };
    if (range !== undefined) headers.range = range;
    if (authorization !== undefined) headers.authorization = authorization;
    const answer = await fetch(`http://${this.#target}${path}`, { headers, redirect: "manual" });
    const content = Buffer.from(await answer.arrayBuffer());
    if (fault.type === "slow") await Bun.sleep(fault.delayMs);
    const body = fault.type === "forge" ? fault.forge(content) : content;
    const kept = ["content-type", "content-range", "docker-content-digest", "location", "www-authenticate"];
    const copied = kept.flatMap((name) =>
      answer.headers.has(name) ? [[name, answer.headers.get(name) ?? ""]] : [],
    );
    response.writeHead(answer.status, {
      ...Object.fromEntries(copied),
      "content-length": String(body.length),
    });
    if (fault.type === "cut") {
      response.write(body.subarray(0, fault.afterBytes));
      await fault.when;
      response.socket?.destroy();
    } else if (fault.type === "stall") {
      response.write(body.subarray(0, fault.afterBytes));
    } else {
      response.end(body);
    }
  }
}
