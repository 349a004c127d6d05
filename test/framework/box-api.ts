import { readFileSync } from "node:fs";
import { parse } from "yaml";

export interface Answer {
  readonly resourceVersion: string;
}

async function metadataOf(answer: Response): Promise<Answer> {
  // Every object and list of the API has metadata with a resourceVersion.
  return ((await answer.json()) as { readonly metadata: Answer }).metadata;
}

/** Writes and reads ConfigMaps of a box's supervisor through a forwarded port. */
export class BoxApi {
  readonly #tls: Bun.TLSOptions;
  readonly #base: string;
  #stopped = false;

  constructor(kubeconfigPath: string, port: number) {
    const { clusters, users } = parse(readFileSync(kubeconfigPath, "utf8"));
    const pem = (text: string): string => Buffer.from(text, "base64").toString();
    this.#tls = {
      ca: pem(clusters[0].cluster["certificate-authority-data"]),
      cert: pem(users[0].user["client-certificate-data"]),
      key: pem(users[0].user["client-key-data"]),
    };
    this.#base = `https://127.0.0.1:${port}`;
  }

  async isReady(): Promise<boolean> {
    const answer = await this.#fetch("/readyz").catch(() => undefined);
    return answer?.status === 200;
  }

  /** The revision that the whole store has reached. */
  async revision(): Promise<number> {
    const answer = await this.#fetch("/api/v1/namespaces/default/configmaps?limit=1");
    return Number((await metadataOf(answer)).resourceVersion);
  }

  async read(name: string): Promise<Answer | undefined> {
    const answer = await this.#fetch(`/api/v1/namespaces/default/configmaps/${name}`);
    return answer.ok ? metadataOf(answer) : undefined;
  }

  /** Creates ConfigMaps, eight at a time, until the server goes away; records those that it acknowledged. */
  async write(prefix: string, acknowledged: Map<string, Answer>): Promise<void> {
    this.#stopped = false;
    let next = 0;
    const writer = async (): Promise<void> => {
      while (!this.#stopped) {
        const name = `${prefix}-${next++}`;
        const body = JSON.stringify({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name },
          data: { text: "x".repeat(500) },
        });
        const answer = await this.#fetch("/api/v1/namespaces/default/configmaps", {
          method: "POST",
          body,
        }).catch(() => undefined);
        const created = answer?.status === 201 ? await metadataOf(answer).catch(() => undefined) : undefined;
        if (created === undefined) this.#stopped = true;
        else acknowledged.set(name, created);
      }
    };
    await Promise.all(Array.from({ length: 8 }, writer));
  }

  #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { "content-type": "application/json" };
    return fetch(this.#base + path, {
      ...init,
      headers,
      tls: this.#tls,
      signal: AbortSignal.timeout(60_000),
    });
  }
}
