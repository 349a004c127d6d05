import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiServer } from "../../supervisor/apiserver/api-server.ts";
import type { ApiServerOptions } from "../../supervisor/apiserver/api-server-options.ts";
import { ClusterConnector } from "../../supervisor/apiserver/proxy/cluster-connector.ts";
import type { NodeDialer } from "../../supervisor/apiserver/proxy/node-dialer.ts";
import { randomNameSuffix } from "../../supervisor/apiserver/services.ts";
import { type Clock, systemClock } from "../../supervisor/base/clock.ts";
import type { ConnectionInfo, PeerSubject } from "../../supervisor/base/http/connection-info.ts";
import { Logger } from "../../supervisor/base/logging.ts";
import { generateKeyPem } from "../../supervisor/base/pki/keys.ts";
import { TokenKeys } from "../../supervisor/base/pki/token-keys.ts";
import type { Backend } from "../../supervisor/storage/backend.ts";
import { openSqliteBackend } from "../../supervisor/storage/sqlite/open-sqlite-backend.ts";

export const admin: PeerSubject = { commonName: "admin", organizations: ["system:masters"] };

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; tests know what they asked for. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every kind are looked into
  readonly body: any;
}

export interface Call {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly as?: PeerSubject | undefined;
}

/** An API server in this process, on a store of its own in a temporary folder. */
export class TestApiServer {
  readonly backend: Backend;
  readonly logs: string[];
  readonly #folder: string;
  readonly #makeServer: () => ApiServer;
  #server: ApiServer;

  private constructor(makeServer: () => ApiServer, backend: Backend, folder: string, logs: string[]) {
    this.#makeServer = makeServer;
    this.#server = makeServer();
    this.backend = backend;
    this.#folder = folder;
    this.logs = logs;
  }

  get server(): ApiServer {
    return this.#server;
  }

  static async start(
    { nodes, ...options }: Partial<ApiServerOptions> & { readonly nodes?: NodeDialer } = {},
    clock: Clock = systemClock,
  ): Promise<TestApiServer> {
    const folder = mkdtempSync(join(tmpdir(), "pacific-api-"));
    const logs: string[] = [];
    const logger = new Logger("warn", (line) => void logs.push(line));
    const backend = openSqliteBackend({ path: join(folder, "state.db"), logger, clock });
    const serviceAccountKeys = new TokenKeys({ signingKeyPem: generateKeyPem() });
    const makeServer = () =>
      new ApiServer({
        ...(nodes && { connector: new ClusterConnector({ backend, logger, nodes, random: Math.random }) }),
        backend,
        clock,
        logger,
        uid: () => crypto.randomUUID(),
        nameSuffix: randomNameSuffix,
        random: Math.random,
        serverAddress: "127.0.0.1:6443",
        serviceAccountKeys,
        ...options,
      });
    const test = new TestApiServer(makeServer, backend, folder, logs);
    await test.server.start();
    return test;
  }

  /** Puts a new server in the place of the present one, on the same store. */
  async restart(): Promise<void> {
    this.#server.stop();
    this.#server = this.#makeServer();
    await this.#server.start();
  }

  connection(peer: PeerSubject | undefined, signal = new AbortController().signal): ConnectionInfo {
    return { remoteAddress: "127.0.0.1", signal, ...(peer === undefined ? {} : { peer }) };
  }

  fetch(method: string, path: string, call: Call = {}, signal?: AbortSignal): Promise<Response> {
    const isText = typeof call.body === "string";
    const request = new Request(`https://test${path}`, {
      method,
      headers: {
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: isText ? String(call.body) : JSON.stringify(call.body) }),
    });
    return this.server.fetch(request, this.connection("as" in call ? call.as : admin, signal));
  }

  async call(method: string, path: string, call: Call = {}): Promise<Answer> {
    const response = await this.fetch(method, path, call);
    const text = await response.text();
    if (method === "POST" && path === "/api/v1/namespaces") await this.#addAccount(text);
    const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  }

  /** Makes a new namespace's account, which Pods wait for: no controllers run here. */
  async #addAccount(namespace: string): Promise<void> {
    const name = /"name":"([^"]+)"/.exec(namespace)?.[1] ?? "";
    const body = { metadata: { name: "default" } };
    await (await this.fetch("POST", `/api/v1/namespaces/${name}/serviceaccounts`, { body })).text();
  }

  async close(): Promise<void> {
    this.server.stop();
    await this.backend.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
