/** An API server of somebody else's, for one group version, with its objects in memory. */
import type { ConnectionInfo } from "../../supervisor/base/http/connection-info.ts";
import { listenTls } from "../../supervisor/base/http/listen-tls.ts";
import type { Listener } from "../../supervisor/base/http/listener.ts";
import { acceptUpgrade } from "../../supervisor/base/http/upgrade.ts";
import type { Certificate } from "../../supervisor/base/pki/certificate-authority.ts";

export const sampleGroup = "wardle.example.com";
export const sampleVersion = "v1alpha1";
const apiVersion = `${sampleGroup}/${sampleVersion}`;
const kind = "Flunder";
const root = `/apis/${apiVersion}`;

interface Flunder {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string; resourceVersion?: string };
}

export interface SampleOptions {
  readonly certificate: Certificate;
  /** Has signed the certificate of who may say who the user is. */
  readonly requestHeaderCa: string;
  readonly port?: number;
  /** Whether it has no discovery in one document, as servers of before 1.27. */
  readonly isOld?: boolean;
}

const resource = {
  name: "flunders",
  singularName: "flunder",
  namespaced: true,
  kind,
  verbs: ["create", "delete", "get", "list", "watch"],
  shortNames: ["fl"],
};

const schema = {
  type: "object",
  description: "Flunder is what this server has.",
  properties: {
    apiVersion: { type: "string" },
    kind: { type: "string" },
    metadata: { type: "object" },
    spec: {
      type: "object",
      properties: { reference: { type: "string", description: "Reference names another flunder." } },
    },
  },
  "x-kubernetes-group-version-kind": [{ group: sampleGroup, version: sampleVersion, kind }],
};

export class SampleApiServer {
  readonly #options: SampleOptions;
  readonly #objects = new Map<string, Flunder>();
  readonly #watches = new Set<(line: string) => void>();
  readonly #stop = new AbortController();
  #revision = 1;
  #listener: Listener | undefined;
  /** What came in, for tests to look at. */
  readonly requests: Array<{ readonly request: Request; readonly connection: ConnectionInfo }> = [];

  private constructor(options: SampleOptions) {
    this.#options = options;
  }

  static async start(options: SampleOptions): Promise<SampleApiServer> {
    const server = new SampleApiServer(options);
    server.#listener = await listenTls({
      host: "127.0.0.1",
      port: options.port ?? 0,
      key: options.certificate.keyPem,
      cert: options.certificate.certificatePem,
      clientCa: options.requestHeaderCa,
      signal: server.#stop.signal,
      handler: (request, connection) => server.#answer(request, connection),
      upgrade: (head) => (stream) => {
        acceptUpgrade(stream, head.upgrade ?? "");
        stream.pipe(stream);
        stream.resume();
      },
    });
    return server;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#listener?.closed;
  }

  #answer(request: Request, connection: ConnectionInfo): Promise<Response> | Response {
    this.requests.push({ request, connection });
    const { pathname, searchParams } = new URL(request.url);
    if (connection.peer?.commonName !== "front-proxy-client") return failure(401, "Unauthorized");
    const item = new RegExp(`^${root}/(?:namespaces/([^/]+)/)?flunders(?:/([^/]+))?$`).exec(pathname);
    if (item !== null) return this.#serve(request, item[1] ?? "", item[2], searchParams);
    switch (pathname) {
      case "/apis":
        return this.#groups(request);
      case root:
        return json({
          kind: "APIResourceList",
          apiVersion: "v1",
          groupVersion: apiVersion,
          resources: [resource],
        });
      case "/openapi/v3":
        return json({ paths: { [root.slice(1)]: { serverRelativeURL: `/openapi/v3${root}?hash=1` } } });
      case `/openapi/v3${root}`:
        return json({
          openapi: "3.0.0",
          info: { title: "sample", version: "1" },
          paths: { [`${root}/namespaces/{namespace}/flunders`]: path },
          components: { schemas: { "com.example.wardle.v1alpha1.Flunder": schema } },
        });
      case "/openapi/v2":
        return json({
          swagger: "2.0",
          info: { title: "sample", version: "1" },
          paths: { [`${root}/namespaces/{namespace}/flunders`]: path, "/other/": {} },
          definitions: { "com.example.wardle.v1alpha1.Flunder": schema, "unused.Thing": { type: "object" } },
        });
      case `${root}/away`:
        return new Response(null, { status: 302, headers: { location: "https://elsewhere.example.com/" } });
      default:
        return failure(404, "NotFound");
    }
  }

  #groups(request: Request): Response {
    if (this.#options.isOld || !request.headers.get("accept")?.includes("APIGroupDiscoveryList")) {
      return json({ kind: "APIGroupList", apiVersion: "v1", groups: [] });
    }
    const { name, singularName, verbs, shortNames } = resource;
    const entry = {
      resource: name,
      responseKind: { group: sampleGroup, version: sampleVersion, kind },
      scope: "Namespaced",
      singularResource: singularName,
      verbs,
      shortNames,
    };
    const versions = [{ version: sampleVersion, resources: [entry], freshness: "Current" }];
    const items = [{ metadata: { name: sampleGroup }, versions }];
    const type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    return json({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", items }, 200, type);
  }

  async #serve(
    request: Request,
    namespace: string,
    name: string | undefined,
    query: URLSearchParams,
  ): Promise<Response> {
    const key = `${namespace}/${name}`;
    const found = this.#objects.get(key);
    if (request.method === "POST") {
      // The test sends nothing else.
      const given = (await request.json()) as Flunder;
      return json(this.#put({ ...given, metadata: { ...given.metadata, namespace } }), 201);
    }
    if (name === undefined) return query.get("watch") ? this.#watch() : this.#list(request, namespace);
    if (found === undefined) return failure(404, "NotFound", `flunders.${sampleGroup} "${name}" not found`);
    if (request.method === "DELETE") {
      this.#objects.delete(key);
      this.#tell("DELETED", found);
    }
    return asWanted(request, [found]) ?? json(found);
  }

  #put(object: Flunder): Flunder {
    object.metadata.resourceVersion = String(++this.#revision);
    this.#objects.set(`${object.metadata.namespace}/${object.metadata.name}`, object);
    this.#tell("ADDED", object);
    return object;
  }

  #list(request: Request, namespace: string): Response {
    const all = Array.from(this.#objects.values());
    const items = all.filter(({ metadata }) => namespace === "" || metadata.namespace === namespace);
    const metadata = { resourceVersion: String(this.#revision) };
    return asWanted(request, items) ?? json({ kind: `${kind}List`, apiVersion, metadata, items });
  }

  #watch(): Response {
    let send: (line: string) => void = () => {};
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        send = (line) => controller.enqueue(Buffer.from(`${line}\n`));
        this.#watches.add(send);
      },
      cancel: () => void this.#watches.delete(send),
    });
    return new Response(body, { headers: { "content-type": "application/json" } });
  }

  /** How many clients watch. */
  get watching(): number {
    return this.#watches.size;
  }

  #tell(type: string, object: Flunder): void {
    for (const send of this.#watches) send(JSON.stringify({ type, object }));
  }
}

const path = {
  get: {
    operationId: "listFlunder",
    responses: {
      200: { description: "OK", schema: { $ref: "#/definitions/com.example.wardle.v1alpha1.Flunder" } },
    },
    "x-kubernetes-action": "list",
    "x-kubernetes-group-version-kind": { group: sampleGroup, version: sampleVersion, kind },
  },
};

/** A table where the client wants one; undefined where it does not. */
function asWanted(request: Request, items: readonly Flunder[]): Response | undefined {
  if (!request.headers.get("accept")?.includes("as=Table")) return undefined;
  const column = (name: string) => ({ name, type: "string", format: "", description: "", priority: 0 });
  return json({
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: { resourceVersion: "1" },
    columnDefinitions: [column("Name"), column("Taste")],
    rows: items.map((object) => ({ cells: [object.metadata.name, "sweet"], object })),
  });
}

function json(document: object, status = 200, type = "application/json"): Response {
  return new Response(JSON.stringify(document), { status, headers: { "content-type": type } });
}

function failure(code: number, reason: string, message = reason): Response {
  return json({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message }, code);
}
