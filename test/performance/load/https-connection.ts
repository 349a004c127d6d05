import { Agent, request as sendRequest } from "node:https";
import type { HttpTransportOptions } from "../../../supervisor/client/http-transport.ts";
import { type LoadConnection, type LoadRequest, type LoadResponse, tlsOptions } from "./load-connection.ts";

/** HTTP by node:https, as clients in JavaScript use it: the client itself takes a good part of the machine. */
export class HttpsConnection implements LoadConnection {
  readonly #url: URL;
  readonly #agent: Agent;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(server: HttpTransportOptions) {
    const token = server.credentials?.token;
    this.#url = new URL(server.server);
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1, ...tlsOptions(server) });
    this.#headers = {
      accept: "application/json",
      "user-agent": "pacific-load",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  request(request: LoadRequest, keepBody = false): Promise<LoadResponse> {
    return new Promise((resolve, reject) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      const sent = this.#send(request, (status, response) => {
        response.on("data", (part: Buffer) => {
          bytes += part.length;
          if (keepBody || status >= 400) parts.push(part);
        });
        response.on("end", () => resolve({ status, bytes, body: Buffer.concat(parts).toString() }));
        response.on("error", reject);
      });
      sent.on("error", reject);
    });
  }

  stream(path: string, onPart: (part: Buffer) => void): Promise<LoadResponse> {
    return new Promise((resolve, reject) => {
      const sent = this.#send({ method: "GET", path }, (status, response) => {
        response.on("data", onPart);
        response.on("error", () => undefined);
        resolve({ status, bytes: 0, body: "" });
      });
      sent.on("error", reject);
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(
    { method, path, body, contentType = "application/json" }: LoadRequest,
    onResponse: (status: number, response: NodeJS.ReadableStream) => void,
  ) {
    const content = body === undefined ? {} : { "content-type": contentType, "content-length": body.length };
    const { hostname: host, port } = this.#url;
    const headers = { ...this.#headers, ...content };
    const sent = sendRequest({ host, port, method, path, headers, agent: this.#agent }, (response) =>
      onResponse(response.statusCode ?? 0, response),
    );
    sent.end(body);
    return sent;
  }
}
