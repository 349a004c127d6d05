/** What other servers say of their part of the API in OpenAPI, asked for when somebody asks here. */
import { isJsonObject, type JsonObject } from "../../apimachinery/json/json-value.ts";
import type { Clock } from "../../base/clock.ts";
import type { RequestContext } from "../request-context.ts";
import { aggregatorUser } from "./availability.ts";
import { passRequest } from "./pass-request.ts";
import { type RemoteApi, rootOf } from "./remote-api.ts";
import type { RemoteTransport } from "./remote-transport.ts";

/** A document of version 2, cut down to what the server is asked for. */
export interface RemoteDescription {
  /** The paths that count begin with this. */
  readonly root: string;
  readonly document: JsonObject;
  /** Tells whether it is another. */
  readonly etag: string;
}

interface Kept<T> {
  readonly readAtMs: number;
  readonly value: Promise<T>;
}

/** How long is believed what a server has said, as upstream. */
const lifeMs = 60_000;
const timeoutMs = 5000;

export class RemoteDescriptions {
  readonly #transport: RemoteTransport;
  readonly #clock: Clock;
  readonly #remotes: () => Iterable<RemoteApi>;
  readonly #paths = new Map<string, Kept<ReadonlyMap<string, string>>>();
  readonly #documents = new Map<string, Kept<RemoteDescription | undefined>>();

  constructor(transport: RemoteTransport, clock: Clock, remotes: () => Iterable<RemoteApi>) {
    this.#transport = transport;
    this.#clock = clock;
    this.#remotes = remotes;
  }

  /** Where their documents of version 3 are, by the path below `/openapi/v3/`. */
  async paths(): Promise<ReadonlyMap<string, string>> {
    const found = await this.#ofAll(this.#paths, (remote) => this.#readPaths(remote), new Map());
    return new Map(found.flatMap((paths) => [...paths]));
  }

  /** Passes a request for a document of version 3 on; undefined where it is not another server's. */
  async v3(context: RequestContext, path: string): Promise<Response | undefined> {
    const remote = Array.from(this.#remotes()).find((candidate) => rootOf(candidate) === `/${path}`);
    if (remote === undefined) return undefined;
    return (await passRequest(remote, context, this.#transport)).response;
  }

  /** Their documents of version 2. */
  async documents(): Promise<readonly RemoteDescription[]> {
    const found = await this.#ofAll(this.#documents, (remote) => this.#readDocument(remote), undefined);
    return found.filter((document) => document !== undefined);
  }

  /** Asks all at once; who does not answer is left out, and asked again when that is due. */
  #ofAll<T>(
    kept: Map<string, Kept<T>>,
    read: (remote: RemoteApi) => Promise<T>,
    nothing: T,
  ): Promise<readonly T[]> {
    const remotes = Array.from(this.#remotes()).filter(({ available }) => available);
    const names = new Set(remotes.map(({ name }) => name));
    for (const name of kept.keys()) if (!names.has(name)) kept.delete(name);
    const now = this.#clock.now();
    return Promise.all(
      remotes.map((remote) => {
        const known = kept.get(remote.name);
        if (known !== undefined && now - known.readAtMs < lifeMs) return known.value;
        const value = read(remote).catch(() => nothing);
        kept.set(remote.name, { readAtMs: now, value });
        return value;
      }),
    );
  }

  async #readPaths(remote: RemoteApi): Promise<ReadonlyMap<string, string>> {
    const { document } = await this.#read(remote, "/openapi/v3");
    const path = rootOf(remote).slice(1);
    const entry = isJsonObject(document.paths) ? document.paths[path] : undefined;
    const url = isJsonObject(entry) ? entry.serverRelativeURL : undefined;
    return new Map(typeof url === "string" ? [[path, url]] : []);
  }

  async #readDocument(remote: RemoteApi): Promise<RemoteDescription> {
    const { document, etag } = await this.#read(remote, "/openapi/v2");
    return { root: `${rootOf(remote)}/`, document, etag };
  }

  async #read(
    remote: RemoteApi,
    target: string,
  ): Promise<{ readonly document: JsonObject; readonly etag: string }> {
    const headers = [["Accept", "application/json"]] as const;
    const answer = await this.#transport.read(remote, target, aggregatorUser, { headers, timeoutMs });
    const document: unknown = answer.status === 200 ? JSON.parse(answer.text) : undefined;
    if (!isJsonObject(document)) throw new Error(`${target} answers ${answer.status}`);
    return { document, etag: answer.headers.get("etag") ?? String(Bun.hash(answer.text)) };
  }
}
