import { afterEach, beforeEach, expect, test } from "bun:test";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";

interface WatchEvent {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: objects of every kind are looked into
  readonly object: any;
}

/** Reads a watch's answer event by event. */
class WatchReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #text = "";

  constructor(response: Response) {
    if (response.body === null) throw new Error("The answer has no body");
    this.#chunks = response.body[Symbol.asyncIterator]();
  }

  /** The next event; undefined at the end. */
  async next(): Promise<WatchEvent | undefined> {
    for (let end = this.#text.indexOf("\n"); ; end = this.#text.indexOf("\n")) {
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return JSON.parse(line);
      }
      const { done, value } = await this.#chunks.next();
      if (done) return undefined;
      this.#text += Buffer.from(value).toString("utf8");
    }
  }

  async types(count: number): Promise<string[]> {
    const seen: string[] = [];
    for (let index = 0; index < count; index++) {
      const event = await this.next();
      seen.push(`${event?.type} ${event?.object.metadata.name ?? ""}`.trim());
    }
    return seen;
  }

  async cancel(): Promise<void> {
    await this.#chunks.return?.();
  }
}

const path = "/api/v1/namespaces/default/configmaps";
let server: TestApiServer;
let clock: FakeClock;

beforeEach(async () => {
  clock = new FakeClock();
  server = await TestApiServer.start({ clock });
});

afterEach(() => server.close());

async function watch(query: string, headers: Record<string, string> = {}): Promise<WatchReader> {
  return new WatchReader(await server.fetch("GET", `${path}?watch=true${query}`, { headers }));
}

async function create(name: string, labels: object = {}): Promise<string> {
  const { body } = await server.call("POST", path, { body: { metadata: { name, labels } } });
  return body.metadata.resourceVersion;
}

function label(name: string, labels: object): Promise<unknown> {
  const headers = { "content-type": "application/merge-patch+json" };
  return server.call("PATCH", `${path}/${name}`, { body: { metadata: { labels } }, headers });
}

test("a watch goes on from a resource version", async () => {
  const version = await create("a");
  await create("b");
  const reader = await watch(`&resourceVersion=${version}`);
  await label("a", { x: "1" });
  await server.call("DELETE", `${path}/b`);
  expect(await reader.types(3)).toEqual(["ADDED b", "MODIFIED a", "DELETED b"]);
  await reader.cancel();
});

test("a watch without a version begins with what there is", async () => {
  await create("a");
  const reader = await watch("");
  await create("b");
  expect(await reader.types(2)).toEqual(["ADDED a", "ADDED b"]);
  await reader.cancel();
});

test("what comes to match a selector is added, what ceases to is deleted", async () => {
  const version = await create("a", { app: "x" });
  const reader = await watch(`&resourceVersion=${version}&labelSelector=app%3Dweb`);
  await label("a", { app: "web" });
  await label("a", { more: "1" });
  await label("a", { app: "x" });
  await create("b", { app: "web" });
  expect(await reader.types(3)).toEqual(["ADDED a", "MODIFIED a", "DELETED a"]);
  const last = await reader.next();
  expect(last).toMatchObject({ type: "ADDED", object: { metadata: { name: "b", labels: { app: "web" } } } });
  await reader.cancel();
});

test("sendInitialEvents ends what there is with a bookmark", async () => {
  const version = await create("a");
  const reader = await watch(
    "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=",
  );
  expect(await reader.types(1)).toEqual(["ADDED a"]);
  expect(await reader.next()).toMatchObject({
    type: "BOOKMARK",
    object: {
      kind: "ConfigMap",
      metadata: { resourceVersion: version, annotations: { "k8s.io/initial-events-end": "true" } },
    },
  });
  await reader.cancel();
});

test("bookmarks tell of progress elsewhere, once", async () => {
  const version = await create("a");
  const reader = await watch(`&resourceVersion=${version}&allowWatchBookmarks=true`);
  await label("a", { x: "1" });
  expect(await reader.types(1)).toEqual(["MODIFIED a"]);
  const other = await server.call("POST", "/api/v1/namespaces/kube-system/configmaps", {
    body: { metadata: { name: "o" } },
  });
  await clock.advance(60_000);
  const bookmark = await reader.next();
  expect(bookmark).toMatchObject({
    type: "BOOKMARK",
    object: { metadata: { resourceVersion: other.body.metadata.resourceVersion } },
  });
  await reader.cancel();
});

test("a watch ends with its time", async () => {
  const reader = await watch("&timeoutSeconds=5");
  await clock.advance(5000);
  expect(await reader.next()).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test("a watch ends with its client's connection, and leaves no timer", async () => {
  const abort = new AbortController();
  const response = await server.fetch("GET", `${path}?watch=true&allowWatchBookmarks=true`, {}, abort.signal);
  const reader = new WatchReader(response);
  abort.abort();
  expect(await reader.next()).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test("a version that is no longer kept is an event of its own", async () => {
  await create("a");
  const version = await create("b");
  await create("c");
  await server.backend.compact(Number(version));
  const reader = await watch("&resourceVersion=2");
  expect(await reader.next()).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } });
  expect(await reader.next()).toBeUndefined();
});

test("a watch from what is still to come waits for it, its state at the beginning is refused", async () => {
  const version = Number(await create("a"));
  const reader = await watch(`&resourceVersion=${version + 2}`);
  for (const name of ["b", "c", "d"]) await create(name);
  expect(await reader.types(1)).toEqual(["ADDED d"]);
  await reader.cancel();
  const initial = `&resourceVersion=${version + 99}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`;
  const refused = await (await watch(initial)).next();
  expect(refused).toMatchObject({ type: "ERROR", object: { code: 504, reason: "Timeout" } });
  expect(refused?.object.details.causes[0].reason).toBe("ResourceVersionTooLarge");
});

test("a watch can be of tables and of metadata alone", async () => {
  await create("a");
  const table = await watch("", { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" });
  const event = await table.next();
  expect(event?.object.kind).toBe("Table");
  expect(event?.object.rows[0].cells.slice(0, 2)).toEqual(["a", 0]);
  await table.cancel();
  const partial = await watch("", { accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io" });
  expect((await partial.next())?.object).toMatchObject({
    kind: "PartialObjectMetadata",
    metadata: { name: "a" },
  });
  await partial.cancel();
});

test("a watch of one name sees no other, however it is asked", async () => {
  await create("a");
  await create("b");
  const old = await server.fetch("GET", "/api/v1/watch/namespaces/default/configmaps/b");
  const reader = new WatchReader(old);
  expect(await reader.types(1)).toEqual(["ADDED b"]);
  await reader.cancel();
});

test("options that exclude each other are refused", async () => {
  const answer = await server.call("GET", `${path}?watch=true&sendInitialEvents=true`);
  expect(answer.body).toMatchObject({ code: 422, reason: "Invalid" });
  expect((await server.call("GET", `${path}?watch=true&resourceVersion=x`)).body).toMatchObject({
    code: 422,
  });
});

test("the state at the beginning of a watch waits for its reader, however much it is", async () => {
  const data = { text: "x".repeat(100_000) };
  const names = Array.from({ length: 60 }, (_, index) => `big-${index}`);
  await Promise.all(names.map((name) => server.call("POST", path, { body: { metadata: { name }, data } })));
  const reader = await watch("&resourceVersion=0");
  expect(new Set(await reader.types(60))).toEqual(new Set(names.map((name) => `ADDED ${name}`)));
  await server.call("POST", path, { body: { metadata: { name: "last" } } });
  expect(await reader.types(1)).toEqual(["ADDED last"]);
  await reader.cancel();
});
