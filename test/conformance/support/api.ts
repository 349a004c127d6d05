import { HttpTransport, type HttpTransportOptions } from "../../../supervisor/client/http-transport.ts";
import { readJson } from "../../../supervisor/client/response.ts";
import { eventually } from "../../framework/eventually.ts";
import { WatchReader } from "./watch-reader.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON, undefined where it is none; tests know what they asked for. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every kind are looked into
  readonly body: any;
}

export interface Call {
  /** A text goes as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type PatchKind = "json-patch" | "merge-patch" | "strategic-merge-patch" | "apply-patch";

export interface DeletionOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Foreground" | "Background" | "Orphan";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** One user's requests to a supervisor, over TLS. Paths begin with `/` and hold the query. */
export class Api {
  readonly transport: HttpTransport;

  constructor(options: HttpTransportOptions) {
    this.transport = new HttpTransport(options);
  }

  /** Sends a request; every answer resolves, also an error status. */
  async call(method: string, path: string, { body, headers = {} }: Call = {}): Promise<Answer> {
    const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const answer = await this.transport.fetch(path, { method, headers: { ...type, ...headers }, ...sent });
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json") === true && text !== "";
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  }

  /** This and the following throw the `ApiError` of an error status. */
  get<T>(path: string): Promise<T> {
    return this.#must<T>("GET", path);
  }

  create<T extends object>(path: string, object: T): Promise<T> {
    return this.#must<T>("POST", path, object);
  }

  replace<T extends object>(path: string, object: T): Promise<T> {
    return this.#must<T>("PUT", path, object);
  }

  patch<T>(path: string, patch: object, kind: PatchKind = "merge-patch"): Promise<T> {
    const type = kind === "apply-patch" ? "application/apply-patch+yaml" : `application/${kind}+json`;
    return this.#must<T>("PATCH", path, patch, type);
  }

  delete<T>(path: string, options?: DeletionOptions): Promise<T> {
    const body = options && { apiVersion: "v1", kind: "DeleteOptions", ...options };
    return this.#must<T>("DELETE", path, body);
  }

  /** Reads, changes and replaces, again while others write the object in between. */
  async update<T extends object>(path: string, change: (object: T) => T): Promise<T> {
    return await eventually(`${path} is updated`, 10_000, async () => {
      const answer = await this.call("PUT", path, { body: change(await this.get<T>(path)) });
      if (answer.status === 409) return undefined;
      if (answer.status >= 300) throw new Error(`PUT ${path}: ${answer.text}`);
      // The server answers with the type that was sent.
      return answer.body as T;
    });
  }

  /** Waits until nothing is at the path any more. */
  async gone(path: string, timeoutMs = 30_000): Promise<void> {
    await eventually(`${path} is gone`, timeoutMs, async () => (await this.call("GET", path)).status === 404);
  }

  /** Opens a watch on a collection's path; it has begun when this resolves. */
  watch<T>(path: string): Promise<WatchReader<T>> {
    return WatchReader.open<T>(this.transport, path);
  }

  async #must<T>(method: string, path: string, object?: object, type = "application/json"): Promise<T> {
    const content =
      object === undefined ? {} : { body: JSON.stringify(object), headers: { "content-type": type } };
    return await readJson<T>(await this.transport.fetch(path, { method, ...content }));
  }
}
