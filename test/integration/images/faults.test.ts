import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Image, PullProgress } from "../../../agent/images/image-service.ts";
import { ImageStore, type ImageStoreOptions } from "../../../agent/images/image-store.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { backOffClock } from "../../framework/back-off-clock.ts";
import { DockerRegistry } from "../../framework/docker-registry.ts";
import { type Fault, FaultyProxy, type ProxiedRequest } from "../../framework/faulty-proxy.ts";
import { file } from "../../framework/tar-builder.ts";
import { makeImage, sha256 } from "../../framework/test-image.ts";
import { readDiskFile, removeTree, temporaryTree } from "./disk-listing.ts";

const missing = ["docker-registry", "rdsquashfs"].filter((program) => Bun.which(program) === null);
const title =
  missing.length === 0 ? "pullImage" : `pullImage (skipped: not installed: ${missing.join(", ")})`;
const content = randomBytes(600_000);
const image = makeImage([[file("big", content), file("small", "small")]], { compression: "none" });
const layer = image.layers[0]?.digest ?? "";
const none: Fault = { type: "none" };
let root: string;
let registry: DockerRegistry;

beforeAll(async () => {
  root = temporaryTree();
  if (missing.length > 0) return;
  registry = await DockerRegistry.start();
  await registry.push("app", "1", image);
});
afterAll(async () => {
  await registry?.stop();
  removeTree(root);
});

/** A store whose waits are counted and not waited. */
function newStore(options: Partial<ImageStoreOptions> = {}, waits: number[] = []): ImageStore {
  return new ImageStore({
    dataDir: join(root, crypto.randomUUID()),
    logger: new Logger("error"),
    clock: backOffClock(waits),
    ...options,
  });
}

const stallTimeoutMs = 60_000;

/** A clock on which a registry stalls only when `stall` is called, and then at once; else as {@link backOffClock}. */
function stallClock(): { readonly clock: Clock; stall(): void } {
  const usual = backOffClock();
  const watching = new Set<() => void>();
  let hasStalled = false;
  const tell = (): void => {
    if (!hasStalled || watching.size === 0) return;
    hasStalled = false;
    for (const callback of watching) callback();
  };
  return {
    clock: {
      ...usual,
      after(delayMs, callback) {
        if (delayMs !== stallTimeoutMs) return usual.after(delayMs, callback);
        watching.add(callback);
        tell();
        return () => watching.delete(callback);
      },
    },
    stall() {
      hasStalled = true;
      tell();
    },
  };
}

const isLayer = ({ path }: ProxiedRequest): boolean => path.includes("/blobs/") && path.endsWith(layer);

/** Resolves when so many bytes of the layer are in the store. */
type Reached = (bytes: number) => Promise<void>;

/** Pulls through a proxy; `decide` sees how many requests for the layer came before. */
async function pullThrough(
  decide: (request: ProxiedRequest, layerRequests: number, reached: Reached) => Fault,
  store = newStore(),
): Promise<{ result: Image | string; layerRanges: (string | undefined)[]; proxy: FaultyProxy }> {
  const waiting: { readonly bytes: number; readonly resolve: () => void }[] = [];
  const reached: Reached = (bytes) => new Promise((resolve) => waiting.push({ bytes, resolve }));
  const onProgress = ({ phase, doneBytes }: PullProgress): void => {
    if (phase !== "downloading") return;
    for (const { bytes, resolve } of waiting) if (doneBytes >= bytes) resolve();
  };
  const proxy: FaultyProxy = await FaultyProxy.start(registry.address, (request) =>
    decide(request, proxy.requests.filter(isLayer).length, reached),
  );
  try {
    const signal = new AbortController().signal;
    const result = await store.pullImage(`${proxy.address}/app:1`, { signal, onProgress }).catch(faultText);
    return { result, layerRanges: proxy.requests.filter(isLayer).map(({ range }) => range), proxy };
  } finally {
    proxy.stop();
  }
}

function faultText(error: Error & { kind?: string }): string {
  return `${error.kind}: ${error.message}`;
}

function contentOf(result: Image | string): string {
  return typeof result === "string"
    ? result
    : sha256(Bun.spawnSync(["rdsquashfs", "--cat", "/big", result.diskPath]).stdout);
}

describe.skipIf(missing.length > 0)(title, () => {
  test("resumes a layer that is cut off, where it was cut", async () => {
    const { result, layerRanges } = await pullThrough((request, before, reached) =>
      isLayer(request) && before < 2
        ? { type: "cut", afterBytes: 200_000, when: reached(200_000 * (before + 1)) }
        : none,
    );
    expect(contentOf(result)).toBe(sha256(content));
    expect(layerRanges).toEqual([undefined, "bytes=200000-", "bytes=400000-"]);
  });

  test("resumes in a later pull, and in another process's place", async () => {
    const dataDir = join(root, "resumed");
    const first = await pullThrough((request, before, reached) => {
      if (!isLayer(request)) return none;
      if (before > 0) return { type: "status", status: 503 };
      return { type: "cut", afterBytes: 300_000, when: reached(300_000) };
    }, newStore({ dataDir }));
    expect(first.result).toStartWith("unavailable: ");
    const second = await pullThrough(() => none, newStore({ dataDir }));
    expect(contentOf(second.result)).toBe(sha256(content));
    expect(second.layerRanges).toEqual(["bytes=300000-"]);
  });

  test("starts a layer anew when what an earlier run left is wrong", async () => {
    const dataDir = join(root, "rotten");
    const store = newStore({ dataDir });
    await store.listImages();
    writeFileSync(join(dataDir, "blobs", `${layer.replace(":", "-")}.partial`), Buffer.alloc(1000));
    const { result, layerRanges } = await pullThrough(() => none, store);
    expect(contentOf(result)).toBe(sha256(content));
    expect(layerRanges).toEqual(["bytes=1000-", undefined]);
  });

  test("fetches again a whole layer that has rotted on the disk", async () => {
    const dataDir = join(root, "rotten-blob");
    const store = newStore({ dataDir, logger: new Logger("error") });
    await store.listImages();
    writeFileSync(join(dataDir, "blobs", layer.replace(":", "-")), Buffer.alloc(image.layers[0]?.size ?? 0));
    expect(contentOf((await pullThrough(() => none, store)).result)).toBe(sha256(content));
  });

  test("works with a registry that knows no ranges", async () => {
    let cut = false;
    const proxy = await FaultyProxy.start(registry.address, () => none);
    const store = newStore({
      fetch: async (url, init) => {
        const headers = new Headers(init.headers);
        headers.delete("range");
        const response = await fetch(url, { ...init, headers });
        if (cut || !url.endsWith(layer)) return response;
        cut = true;
        return new Response((await response.bytes()).subarray(0, 100_000), response);
      },
    });
    const signal = new AbortController().signal;
    const result = await store.pullImage(`${proxy.address}/app:1`, { signal }).finally(() => proxy.stop());
    expect(contentOf(result)).toBe(sha256(content));
  });

  test("gives up a layer after a bounded number of cuts, with one clear message", async () => {
    const waits: number[] = [];
    const { result, proxy, layerRanges } = await pullThrough(
      (request) => (isLayer(request) ? { type: "cut", afterBytes: 10 } : none),
      newStore({}, waits),
    );
    expect(result).toBe(
      `unavailable: failed to pull and unpack image "${proxy.address}/app:1": registry ${proxy.address}: the connection was closed before the answer was whole`,
    );
    expect(layerRanges).toHaveLength(6);
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000]);
  });

  test("gives up a registry that stalls, and only when it stalls", async () => {
    const { clock, stall } = stallClock();
    const stalling =
      (times: number, afterBytes: number): Parameters<typeof pullThrough>[0] =>
      (request, before, reached) => {
        if (!isLayer(request) || before >= times) return none;
        void reached(afterBytes * (before + 1)).then(stall);
        return { type: "stall", afterBytes };
      };
    const endless = stalling(Number.POSITIVE_INFINITY, 50_000);
    const { result, proxy } = await pullThrough(endless, newStore({ clock, stallTimeoutMs }));
    expect(result).toBe(
      `unavailable: failed to pull and unpack image "${proxy.address}/app:1": registry ${proxy.address} sent nothing for 60 s`,
    );
    const slow = await pullThrough(stalling(3, 190_000), newStore({ clock, stallTimeoutMs }));
    expect(contentOf(slow.result)).toBe(sha256(content));
  });

  test("says that a registry is down", async () => {
    const proxy = await FaultyProxy.start(registry.address, () => none);
    const { address } = proxy;
    proxy.stop();
    const signal = new AbortController().signal;
    expect(await newStore().pullImage(`${address}/app:1`, { signal }).catch(faultText)).toBe(
      `unavailable: failed to pull and unpack image "${address}/app:1": failed to resolve reference "${address}/app:1": registry ${address}: connection refused: is the registry running there?`,
    );
  });

  test("says that an image does not exist", async () => {
    const signal = new AbortController().signal;
    for (const name of [`${registry.address}/app:2`, `${registry.address}/nothing:1`]) {
      expect(await newStore().pullImage(name, { signal }).catch(faultText)).toStartWith(
        `not-found: failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${name}: not found`,
      );
    }
  });

  test.each([
    ["a manifest", "/manifests/", "manifest has the digest"],
    ["a configuration", image.config.digest, "image configuration has the digest"],
    ["a layer", layer, "the registry or a proxy before it is broken"],
  ])("refuses %s with a wrong digest, and keeps nothing of it", async (_name, part, message) => {
    const flip = (body: Buffer): Buffer => {
      const changed = Buffer.from(body);
      changed[changed.length - 3] = (changed.at(-3) ?? 0) ^ 1;
      return changed;
    };
    const dataDir = join(root, crypto.randomUUID());
    const proxy = await FaultyProxy.start(registry.address, ({ path }) =>
      path.includes(part) ? { type: "forge", forge: flip } : none,
    );
    const name = `${proxy.address}/app@${image.manifest.digest}`;
    const store = newStore({ dataDir });
    const signal = new AbortController().signal;
    const fault = await store.pullImage(name, { signal }).catch(faultText);
    proxy.stop();
    expect(fault).toStartWith(`invalid-image: failed to pull and unpack image "${name}": `);
    expect(fault).toContain(message);
    expect(readdirSync(join(dataDir, "blobs"))).toEqual([]);
    expect(await store.listImages()).toEqual([]);
  });

  test("refuses a layer that is longer than the manifest says at once", async () => {
    const { result } = await pullThrough((request) =>
      isLayer(request) ? { type: "forge", forge: (body) => Buffer.concat([body, body]) } : none,
    );
    expect(result).toContain(
      `layer ${layer} is longer than the ${image.layers[0]?.size} bytes that the manifest says`,
    );
  });

  test("follows redirects without giving its credentials away", async () => {
    const storage = await FaultyProxy.start(registry.address, () => none);
    const auth = { username: "ann", password: "secret" };
    const front = await FaultyProxy.start(registry.address, ({ path, authorization }) => {
      if (authorization === undefined) {
        return { type: "status", status: 401, headers: { "www-authenticate": 'Basic realm="x"' } };
      }
      if (!path.includes("/blobs/")) return none;
      return { type: "status", status: 307, headers: { location: `http://${storage.address}${path}` } };
    });
    const signal = new AbortController().signal;
    const result = await newStore().pullImage(`${front.address}/app:1`, { signal, auth });
    front.stop();
    storage.stop();
    expect(contentOf(result)).toBe(sha256(content));
    expect(storage.requests).toHaveLength(2);
    expect(storage.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  test("follows no endless redirects", async () => {
    const { result } = await pullThrough((request) =>
      isLayer(request) ? { type: "status", status: 302, headers: { location: request.path } } : none,
    );
    expect(result).toContain("registry redirects more than 5 times");
  });

  test("waits and tries again when there are too many requests", async () => {
    let refused = 0;
    const { result } = await pullThrough(() => (refused++ < 2 ? { type: "status", status: 429 } : none));
    expect(readDiskFile(typeof result === "string" ? "" : result.diskPath, "/small")).toBe("small");
  });

  test("stops when told to, and goes on later", async () => {
    const stop = new AbortController();
    const dataDir = join(root, "stopped");
    const proxy = await FaultyProxy.start(registry.address, (request) =>
      isLayer(request) ? { type: "stall", afterBytes: 100_000 } : none,
    );
    const store = newStore({ dataDir });
    const pulling = store.pullImage(`${proxy.address}/app:1`, {
      signal: stop.signal,
      onProgress: ({ doneBytes }) => doneBytes >= 100_000 && stop.abort(),
    });
    expect(await pulling.catch(faultText)).toBe(
      `aborted: failed to pull and unpack image "${proxy.address}/app:1": stopped before it was done`,
    );
    proxy.stop();
    expect(existsSync(join(dataDir, "blobs", `${layer.replace(":", "-")}.partial`))).toBe(true);
    const { layerRanges } = await pullThrough(() => none, store);
    expect(layerRanges).toEqual(["bytes=100000-"]);
  });
});
