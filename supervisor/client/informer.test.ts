import { expect, test } from "bun:test";
import { FakeClock } from "../../test/framework/fake-clock.ts";
import type { V1ConfigMap } from "../api/generated/types.ts";
import { InProcessTransport } from "./in-process-transport.ts";
import { createInformer } from "./informer.ts";
import { createClient } from "./rest-client.ts";
import { SharedInformers } from "./shared-informers.ts";
import type { Informer } from "./types.ts";

/** An API server of one resource whose every answer the test gives by hand. */
class ScriptedServer {
  readonly requests: URL[] = [];
  readonly lists: unknown[] = [];
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;

  readonly client = createClient(
    new InProcessTransport((request) => {
      const url = new URL(request.url);
      this.requests.push(url);
      if (url.searchParams.get("watch") === "true") return new Response(this.#open());
      const next = this.lists.shift();
      if (next === undefined)
        return Response.json({ kind: "Status", reason: "InternalError" }, { status: 500 });
      return Response.json(next, { status: isStatus(next) ? 410 : 200 });
    }, {}),
  );

  get watching(): boolean {
    return this.#stream !== undefined;
  }

  send(type: string, object: unknown): void {
    this.#stream?.enqueue(new TextEncoder().encode(`${JSON.stringify({ type, object })}\n`));
  }

  hangUp(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  #open(): ReadableStream<Uint8Array> {
    return new ReadableStream({
      start: (controller) => {
        this.#stream = controller;
      },
      cancel: () => {
        this.#stream = undefined;
      },
    });
  }
}

function isStatus(value: unknown): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "Status";
}

function configMap(name: string, version: number, uid = `uid-${name}`): V1ConfigMap {
  return { metadata: { namespace: "default", name, uid, resourceVersion: String(version) } };
}

function listOf(version: number, items: readonly V1ConfigMap[], next?: string): unknown {
  return {
    kind: "ConfigMapList",
    apiVersion: "v1",
    metadata: { resourceVersion: String(version), continue: next },
    items,
  };
}

interface Setup {
  readonly server: ScriptedServer;
  readonly clock: FakeClock;
  readonly informer: Informer<V1ConfigMap>;
  readonly log: string[];
  readonly stop: () => Promise<void>;
}

function start(lists: readonly unknown[]): Setup {
  const server = new ScriptedServer();
  server.lists.push(...lists);
  const clock = new FakeClock();
  const informer = createInformer<V1ConfigMap>(
    server.client,
    { group: "", version: "v1", resource: "configmaps" },
    { indexers: { firstLetter: (object) => [object.metadata?.name?.[0] ?? ""] } },
    { clock, random: () => 0 },
  );
  const log: string[] = [];
  const note = (verb: string, object: V1ConfigMap): number =>
    log.push(`${verb} ${object.metadata?.name}@${object.metadata?.resourceVersion}`);
  informer.addHandlers({
    onAdd: (object) => note("add", object),
    onUpdate: (object) => note("update", object),
    onDelete: (object) => note("delete", object),
  });
  const controller = new AbortController();
  const running = informer.run(controller.signal);
  const stop = async (): Promise<void> => {
    controller.abort();
    await running;
  };
  return { server, clock, informer, log, stop };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 2000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Not reached: ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets all that can happen without time passing happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test("an informer lists by pages, then watches from the list's version", async () => {
  const { server, informer, log, stop } = start([
    listOf(5, [configMap("a", 1)], "next"),
    listOf(5, [configMap("b", 2)]),
  ]);
  await informer.synced;
  await until(() => server.watching);
  expect(server.requests[1]?.searchParams.get("continue")).toBe("next");
  expect(server.requests[2]?.searchParams.get("resourceVersion")).toBe("5");
  server.send("ADDED", configMap("c", 6));
  server.send("MODIFIED", configMap("a", 7));
  server.send("DELETED", configMap("b", 8));
  await until(() => log.length === 5);
  expect(log).toEqual(["add a@1", "add b@2", "add c@6", "update a@7", "delete b@8"]);
  expect(informer.get("default/a")?.kind).toBeUndefined();
  expect(informer.byIndex("firstLetter", "c")).toHaveLength(1);
  expect(informer.byIndex("firstLetter", "b")).toHaveLength(0);
  await stop();
});

test("an informer gives the items of a list the kind that the list says", async () => {
  const { informer, stop } = start([listOf(5, [configMap("a", 1)])]);
  await informer.synced;
  expect(informer.get("default/a")).toMatchObject({ kind: "ConfigMap", apiVersion: "v1" });
  await stop();
});

test("a shared informer keeps objects without their managers, from lists and watches alike", async () => {
  const server = new ScriptedServer();
  const managed = (name: string, version: number) => {
    const { metadata } = configMap(name, version);
    return { metadata: { ...metadata, managedFields: [{ manager: "m", operation: "Update" }] } };
  };
  server.lists.push(listOf(5, [managed("a", 1)]));
  const informers = new SharedInformers(server.client);
  const informer = informers.informer<V1ConfigMap>({ group: "", version: "v1", resource: "configmaps" });
  const stop = new AbortController();
  const running = informers.run(stop.signal);
  await until(() => server.watching);
  server.send("ADDED", managed("b", 6));
  await until(() => informer.get("default/b") !== undefined);
  for (const { metadata } of informer.list()) expect(metadata).not.toHaveProperty("managedFields");
  expect(informer.list().map(({ metadata }) => metadata?.uid)).toEqual(["uid-a", "uid-b"]);
  stop.abort();
  await running;
});

test("an informer goes on from the last version seen, a bookmark's too, when the stream ends", async () => {
  const { server, clock, informer, stop } = start([listOf(5, [])]);
  await informer.synced;
  await until(() => server.watching);
  server.send("BOOKMARK", { metadata: { resourceVersion: "9" } });
  server.hangUp();
  await settle();
  await clock.advance(200);
  await until(() => server.watching);
  expect(server.requests.map((url) => url.searchParams.get("resourceVersion"))).toEqual([null, "5", "9"]);
  await stop();
});

test("an informer lists again after 410 and tells what changed meanwhile, deletions too", async () => {
  const { server, clock, log, stop } = start([
    listOf(5, [configMap("a", 1), configMap("b", 2), configMap("c", 3), configMap("d", 4)]),
    listOf(20, [configMap("a", 1), configMap("b", 12), configMap("d", 15, "other")]),
  ]);
  await until(() => server.watching);
  log.length = 0;
  server.send("ERROR", { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" });
  await settle();
  await clock.advance(200);
  await until(() => log.length === 4);
  expect(log).toEqual(["delete c@3", "update b@12", "delete d@4", "add d@15"]);
  await stop();
});

test("an informer lists without pages when a continue token has expired", async () => {
  const { server, informer, stop } = start([
    listOf(5, [configMap("a", 1)], "next"),
    { kind: "Status", code: 410, reason: "Expired" },
    listOf(6, [configMap("b", 2)]),
  ]);
  await informer.synced;
  expect(informer.list().map((object) => object.metadata?.name)).toEqual(["b"]);
  expect(server.requests[2]?.searchParams.get("limit")).toBeNull();
  await stop();
});

test("an informer backs off while the server fails", async () => {
  const { server, clock, stop } = start([]);
  await until(() => clock.pending === 1);
  await clock.advance(200 + 400 + 800 + 1600);
  expect(server.requests.length).toBe(5);
  await stop();
});

test("an informer takes a silent stream for dead and opens another", async () => {
  const { server, clock, informer, stop } = start([listOf(5, [])]);
  await informer.synced;
  await until(() => server.watching);
  await clock.advance(100_000);
  server.send("BOOKMARK", { metadata: { resourceVersion: "6" } });
  await settle();
  await clock.advance(100_000);
  expect(server.requests.length).toBe(2);
  await clock.advance(60_000);
  await until(() => server.requests.length === 3 && server.watching);
  await stop();
  expect(clock.pending).toBe(0);
});

test("handlers added late get what is known", async () => {
  const { informer, stop } = start([listOf(5, [configMap("a", 1)])]);
  await informer.synced;
  const late: string[] = [];
  informer.addHandlers({ onAdd: (object) => void late.push(object.metadata?.name ?? "") });
  expect(late).toEqual(["a"]);
  await stop();
});
