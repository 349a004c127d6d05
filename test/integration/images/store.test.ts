import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { imageImport, imageList, imageStoreDir } from "../../../agent/cli/image.ts";
import { ImageError } from "../../../agent/images/image-service.ts";
import { ImageStore, type ImageStoreOptions } from "../../../agent/images/image-store.ts";
import { systemClock } from "../../../supervisor/base/clock.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { DockerRegistry } from "../../framework/docker-registry.ts";
import { FaultyProxy } from "../../framework/faulty-proxy.ts";
import { file } from "../../framework/tar-builder.ts";
import { makeImage, ociArchive, type TestImage } from "../../framework/test-image.ts";
import { readDiskFile, removeTree, temporaryTree } from "./disk-listing.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const missing = ["docker-registry", "rdsquashfs"].filter((program) => Bun.which(program) === null);
const suffix = missing.length === 0 ? "" : ` (skipped: not installed: ${missing.join(", ")})`;
const never = new AbortController().signal;
const shared = randomBytes(400_000);
let root: string;
let registry: DockerRegistry;

beforeAll(async () => {
  root = temporaryTree();
  if (missing.length === 0) registry = await DockerRegistry.start();
});
afterAll(async () => {
  await registry?.stop();
  removeTree(root);
});

function imageOf(text: string): TestImage {
  return makeImage([[file("base", shared)], [file("text", text)]], { compression: "none" });
}

function newStore(dataDir: string, options: Partial<ImageStoreOptions> = {}): ImageStore {
  return new ImageStore({ dataDir, logger: new Logger("error"), ...options });
}

/** The files in a store's folder by kind of folder. */
function filesIn(dataDir: string, folder: string): string[] {
  return readdirSync(join(dataDir, folder)).sort();
}

/** A process of its own that does what a script says with a store; `done` in its output is its end. */
function storeProcess(dataDir: string, script: string): Bun.Subprocess<"ignore", "pipe", "inherit"> {
  const source = join(import.meta.dir, "../../..");
  const code = `import { ImageStore } from "${source}/agent/images/image-store.ts";
    import { Logger } from "${source}/supervisor/base/logging.ts";
    const store = new ImageStore({ dataDir: ${JSON.stringify(dataDir)}, logger: new Logger("error") });
    const signal = new AbortController().signal;
    ${script}`;
  return Bun.spawn([process.execPath, "-e", code], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
}

async function outputUntil(child: Bun.Subprocess<"ignore", "pipe", "inherit">, text: string): Promise<void> {
  let output = "";
  for await (const chunk of child.stdout) {
    output += Buffer.from(chunk).toString();
    if (output.includes(text)) return;
  }
  throw new Error(`The process ended after ${JSON.stringify(output)}`);
}

describe.skipIf(missing.length > 0)(`ImageStore${suffix}`, () => {
  test("shares one download between pulls of one image, and layers between images", async () => {
    const [one, two] = [imageOf("one"), imageOf("two")];
    await registry.push("shared", "one", one);
    await registry.push("shared", "two", two);
    const proxy = await FaultyProxy.start(registry.address, () => ({ type: "none" }));
    const dataDir = join(root, "shared");
    const store = newStore(dataDir);
    const names = ["one", "one", "one", "two"].map((tag) => `${proxy.address}/shared:${tag}`);
    const images = await Promise.all(names.map((name) => store.pullImage(name, { signal: never })));
    proxy.stop();
    expect(new Set(images.map(({ id }) => id)).size).toBe(2);
    const count = (part: string): number => proxy.requests.filter(({ path }) => path.endsWith(part)).length;
    expect([count("/manifests/one"), count("/manifests/two")]).toEqual([1, 1]);
    for (const { digest } of [...one.layers, ...two.layers]) expect(count(digest)).toBe(1);
    expect(filesIn(dataDir, "blobs")).toHaveLength(3);
    expect(await store.listImages()).toHaveLength(2);
  });

  test("asks the registry anew for a tag, and fetches nothing that is here", async () => {
    const dataDir = join(root, "moving");
    const [before, after] = [imageOf("before"), imageOf("after")];
    const reference = await registry.push("moving", "latest", before);
    const store = newStore(dataDir);
    const old = await store.pullImage(reference, { signal: never });
    expect(await store.pullImage(reference, { signal: never })).toEqual(old);
    await registry.push("moving", "latest", after);
    const current = await store.pullImage(reference, { signal: never });
    expect(readDiskFile(current.diskPath, "/text")).toBe("after");
    expect(current.repoTags).toEqual([reference]);
    const previous = await store.imageStatus(before.config.digest);
    expect(previous?.repoTags).toEqual([]);
    expect(previous?.repoDigests).toEqual([`${registry.address}/moving@${before.manifest.digest}`]);
  });

  test("equal content has one disk, and removing takes what nobody needs", async () => {
    const dataDir = join(root, "equal");
    const layers = [[file("same", "same")]];
    const [one, two] = [
      makeImage(layers, { config: { Cmd: ["a"] } }),
      makeImage(layers, { config: { Cmd: ["b"] } }),
    ];
    const references = [await registry.push("equal", "one", one), await registry.push("equal", "two", two)];
    const store = newStore(dataDir);
    const images = await Promise.all(references.map((name) => store.pullImage(name, { signal: never })));
    expect(images[0]?.diskPath).toBe(images[1]?.diskPath ?? "");
    expect(filesIn(dataDir, "disks")).toHaveLength(1);
    await store.removeImage(references[0] ?? "");
    expect(await store.imageStatus(references[0] ?? "")).toBeUndefined();
    expect(readDiskFile(images[1]?.diskPath ?? "", "/same")).toBe("same");
    await store.removeImage(two.config.digest.slice("sha256:".length));
    await store.removeImage(two.config.digest);
    for (const folder of ["disks", "blobs", "images", "references"])
      expect(filesIn(dataDir, folder)).toEqual([]);
  });

  test("finds everything again after a restart, and clears what a killed pull left", async () => {
    const dataDir = join(root, "killed");
    const reference = await registry.push("killed", "1", imageOf("killed"));
    const script = `await store.pullImage("${reference}", { signal, onProgress: ({ phase }) => {
      if (phase === "unpacking") { process.stdout.write("unpacking"); process.kill(process.pid, "SIGKILL"); }
    } });`;
    const child = storeProcess(dataDir, script);
    await outputUntil(child, "unpacking");
    await child.exited;
    expect(child.signalCode).toBe("SIGKILL");
    const store = newStore(dataDir);
    expect(await store.listImages()).toEqual([]);
    expect(filesIn(dataDir, "disks")).toEqual([]);
    // What was verified is kept for the next attempt, for a day.
    expect(filesIn(dataDir, "blobs").length).toBeGreaterThan(0);
    const image = await store.pullImage(reference, { signal: never });
    expect(await newStore(dataDir).imageStatus(reference)).toEqual(image);
    const stray = join(dataDir, "blobs", `sha256-${"0".repeat(64)}.partial`);
    writeFileSync(stray, "x");
    const tomorrow = Date.now() + 25 * 60 * 60 * 1000;
    await newStore(dataDir, { clock: { ...systemClock, now: () => tomorrow } }).listImages();
    expect(filesIn(dataDir, "blobs")).toHaveLength(2);
  });

  test("kill -9 at any moment leaves a store that works", async () => {
    const dataDir = join(root, "any-moment");
    const reference = await registry.push("any", "1", imageOf("any"));
    const steps = 14;
    for (let step = 0; step < steps; step++) {
      const child = storeProcess(
        dataDir,
        `let count = 0;
        const real = store.pullImage("${reference}", { signal, onProgress: () => {
          if (count++ === ${step}) process.kill(process.pid, "SIGKILL");
        } });
        await real.catch(() => {}); await store.removeImage("${reference}");`,
      );
      await child.exited;
      const store = newStore(dataDir);
      expect((await store.listImages()).length).toBeLessThanOrEqual(1);
    }
    const image = await newStore(dataDir).pullImage(reference, { signal: never });
    expect(readDiskFile(image.diskPath, "/text")).toBe("any");
  });

  test("lets another process import while this one pulls and removes", async () => {
    const dataDir = join(root, "two");
    const archive = join(root, "two.tar");
    writeFileSync(archive, ociArchive({ "example.org/imported:1": imageOf("imported") }));
    const reference = await registry.push("two", "1", imageOf("pulled"));
    const store = newStore(dataDir);
    const rounds = 8;
    const child = storeProcess(
      dataDir,
      `for (let round = 0; round < ${rounds}; round++) {
        await store.importArchive("${archive}", signal);
        if ((await store.imageStatus("example.org/imported:1")) === undefined) throw new Error("lost");
      }
      process.stdout.write("done");`,
    );
    const ended = child.exited;
    for (let round = 0; round < rounds; round++) {
      const image = await store.pullImage(reference, { signal: never });
      expect(readDiskFile(image.diskPath, "/text")).toBe("pulled");
      await store.removeImage(reference);
    }
    expect(await ended).toBe(0);
    // The other process's image is seen here at once.
    const imported = await store.imageStatus("example.org/imported:1");
    expect(readDiskFile(imported?.diskPath ?? "", "/text")).toBe("imported");
    expect(imported?.pinned).toBe(true);
    await store.removeImage(reference);
    expect(filesIn(dataDir, "disks")).toHaveLength(1);
  });

  test("what is removed while somebody else pulls goes when he is done", async () => {
    const dataDir = join(root, "busy");
    const [removed, pulled] = [
      await registry.push("busy", "removed", imageOf("removed")),
      await registry.push("busy", "pulled", imageOf("pulled")),
    ];
    const store = newStore(dataDir);
    await store.pullImage(removed, { signal: never });
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const other = newStore(dataDir, {
      fetch: async (url, init) => {
        asked.resolve();
        await answer.promise;
        return await fetch(url, init);
      },
    });
    const pull = other.pullImage(pulled, { signal: never });
    await asked.promise;
    await store.removeImage(removed);
    expect(filesIn(dataDir, "disks")).toHaveLength(1);
    answer.resolve();
    const { diskPath } = await pull;
    expect(readDiskFile(diskPath, "/text")).toBe("pulled");
    expect(filesIn(dataDir, "disks")).toEqual([basename(diskPath)]);
    // The layer that both share, and the one with the text.
    expect(filesIn(dataDir, "blobs")).toHaveLength(2);
  });

  test("keeps an image's disk while it is removed and pulled again at once", async () => {
    const reference = await registry.push("churn", "1", imageOf("churn"));
    const store = newStore(join(root, "churn"));
    for (let round = 0; round < 5; round++) {
      const [image] = await Promise.all([
        store.pullImage(reference, { signal: never }).catch((error: unknown) => error),
        store.removeImage(reference),
      ]);
      // The removal may win; then the pull says so.
      if (image instanceof Error) expect(image.message).toContain("was removed at the same time; try again");
    }
    const image = await store.pullImage(reference, { signal: never });
    expect(readDiskFile(image.diskPath, "/text")).toBe("churn");
  });

  test("names an image that cannot be", async () => {
    const error = await newStore(join(root, "names"))
      .pullImage("library/UPPER", { signal: never })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ImageError);
    expect((error as ImageError).kind).toBe("invalid-name");
  });
});

describe("pacific image", () => {
  test("imports and lists", async () => {
    const dataDir = join(root, "cli");
    const path = join(root, "cli.tar");
    writeFileSync(path, ociArchive({ "nginx:1.27": makeImage([[file("a", "a")]]) }));
    const shown: string[] = [];
    const progress = { isTTY: true, write: (text: string) => shown.push(text) > 0 };
    const lines = await imageImport({ dataDir, path, signal: never, progress });
    expect(lines).toEqual([
      expect.stringMatching(/^Imported docker\.io\/library\/nginx:1\.27 \(\d+\.\d kB\)$/),
    ]);
    expect(shown.join("")).toContain("unpacking 100 %");
    const quiet = await imageImport({
      dataDir,
      path,
      signal: never,
      name: "mine:2",
      progress: { ...progress, isTTY: false },
    });
    expect(quiet[0]).toContain("mine:2");
    const table = await imageList({ dataDir });
    expect(table[0]).toMatch(/^IMAGE\s+TAG\s+IMAGE ID\s+SIZE$/);
    expect(table[1]).toMatch(/^docker\.io\/library\/mine\s+2\s+[0-9a-f]{13}\s/);
    expect(table[2]).toMatch(/^docker\.io\/library\/nginx\s+1\.27\s+[0-9a-f]{13}\s/);
    expect(statSync(imageStoreDir(dataDir)).mode & 0o777).toBe(0o711);
  });

  test.each([
    ["no such file", undefined, "not-found: failed to import FILE: no file FILE: check the path"],
    ["an empty file", "", "invalid-image: failed to import FILE: archive is neither an OCI layout"],
    ["no archive", "x".repeat(2000), "invalid-image: failed to import FILE: not a tar archive"],
  ])("says what is wrong with %s", async (_name, content, message) => {
    const path = join(root, `${crypto.randomUUID()}.tar`);
    if (content !== undefined) writeFileSync(path, content);
    const fault = await imageImport({ dataDir: join(root, "cli-faults"), path, signal: never }).catch(
      (error: ImageError) => `${error.kind}: ${error.message}`.replaceAll(path, "FILE"),
    );
    expect(fault).toStartWith(message);
  });
});
