import { TestApiServer } from "../framework/test-api-server.ts";
import { type FuzzRequest, firstRequests, RequestGenerator } from "./request-generator.ts";

export interface FuzzResult {
  /** What went wrong, with the seed that shows it again. */
  readonly faults: readonly string[];
  readonly byStatus: ReadonlyMap<number, number>;
  /** The longest that a request took, and which. */
  readonly slowest: { readonly ms: number; readonly seed: number };
}

/** No request may take longer, whatever it asks: the server itself ends what takes a minute. */
const hangMs = 65_000;
const atOnce = 16;
/** The server's own objects are made anew now and then, so that requests go on to find them. */
const freshAfter = 10_000;
const shownBytes = 2000;

/** As upstream: time-outs that were asked for, and applied values of a wrong type. */
const expected = /request did not complete within|failed to create typed patch object/;
/** Nothing is connected behind these. */
const unconnected = /\/(proxy|log|exec|attach|portforward)\b/;

const definition = {
  metadata: { name: "widgets.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "widgets", kind: "Widget" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" },
        },
        additionalPrinterColumns: [
          { name: "Size", type: "integer", jsonPath: ".spec.items[?(@.weight>1)].name" },
        ],
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
              spec: {
                type: "object",
                "x-kubernetes-validations": [
                  { rule: "!has(self.items) || self.items.all(i, i.weight >= 0)", message: "no weight" },
                  { rule: "!has(oldSelf.size) || self.size >= oldSelf.size" },
                ],
                properties: {
                  size: { type: "integer", minimum: 0, default: 1 },
                  any: { "x-kubernetes-preserve-unknown-fields": true },
                  items: {
                    type: "array",
                    maxItems: 10,
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    items: {
                      type: "object",
                      required: ["name"],
                      properties: { name: { type: "string" }, weight: { type: "number", default: 1 } },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
};

/** Sends so many requests, made from seeds that follow the first one, through the whole entry of an API server. */
export async function fuzzApi(firstSeed: number, count: number): Promise<FuzzResult> {
  const byStatus = new Map<number, number>();
  const faults: string[] = [];
  let slowest = { ms: 0, seed: firstSeed };
  for (let start = 0; start < count; start += freshAfter) {
    const server = await prepared();
    try {
      let next = start;
      const end = Math.min(count, start + freshAfter);
      const tokens = await continueTokens(server);
      const work = async (): Promise<void> => {
        while (next < end && faults.length < 20) {
          const seed = firstSeed + next++;
          const request = new RequestGenerator(seed, tokens).request();
          const begun = performance.now();
          const { status, complaint } = await send(server, request);
          const ms = performance.now() - begun;
          if (ms > slowest.ms) slowest = { ms, seed };
          byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
          if (complaint !== undefined) faults.push(`seed ${seed}: ${shown(request)}\n  ${complaint}`);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      const { status } = await server.call("GET", "/api/v1/namespaces/default");
      if (status !== 200) faults.push(`After seed ${firstSeed + end} the server answers ${status}`);
    } finally {
      await server.close();
    }
  }
  return { faults, byStatus, slowest };
}

async function prepared(): Promise<TestApiServer> {
  const server = await TestApiServer.start();
  await server.call("POST", "/api/v1/namespaces", { body: { metadata: { name: "fuzz" } } });
  await server.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", { body: definition });
  for (const { path, body } of firstRequests()) await server.call("POST", path, { body });
  return server;
}

async function continueTokens(server: TestApiServer): Promise<readonly string[]> {
  const lists = ["/api/v1/namespaces?limit=1", "/apis/rbac.authorization.k8s.io/v1/clusterroles?limit=2"];
  const answers = await Promise.all(lists.map((path) => server.call("GET", path)));
  return answers.map(({ body }) => body.metadata.continue);
}

async function send(
  server: TestApiServer,
  { method, path, headers, body }: FuzzRequest,
): Promise<{ readonly status: number; readonly complaint?: string }> {
  const leaving = new AbortController();
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const timer = setTimeout(() => resolve("late"), hangMs);
  try {
    const request = new Request(`https://test${path}`, {
      method,
      headers,
      // Bun takes every Uint8Array as a body; the type asks for one over an ArrayBuffer.
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
    });
    const answering = (async () => {
      const response = await server.server.fetch(
        request,
        server.connection({ commonName: "admin", organizations: ["system:masters"] }, leaving.signal),
      );
      return { status: response.status, text: await response.text() };
    })();
    const answer = await Promise.race([answering, late]);
    if (answer === "late") return { status: 0, complaint: `no answer within ${hangMs} ms` };
    const { status, text } = answer;
    const isUnconnected = status === 503 && unconnected.test(path);
    if (status < 500 || isUnconnected || expected.test(text)) return { status };
    return { status, complaint: `${status} ${text.slice(0, shownBytes)}` };
  } catch (error) {
    return { status: 0, complaint: `thrown: ${error instanceof Error ? error.stack : String(error)}` };
  } finally {
    clearTimeout(timer);
    leaving.abort();
  }
}

function shown({ method, path, headers, body }: FuzzRequest): string {
  const text = body === undefined ? "" : Buffer.from(body).toString("utf8").slice(0, shownBytes);
  return `${method} ${path} ${JSON.stringify(headers)} ${text}`;
}
