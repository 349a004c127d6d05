/**
 * bun test/performance/images.ts: pulls an image of Debian's Python from docker-registry on loopback into an empty store,
 * five times, and prints the median of each phase beside its floor: the same layer through the same tools without us.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ArchiveIndex } from "../../agent/images/archive/archive-index.ts";
import { readOciLayout } from "../../agent/images/archive/oci-layout.ts";
import { ImageStore } from "../../agent/images/image-store.ts";
import { hostPlatform } from "../../agent/images/platform.ts";
import { Logger } from "../../supervisor/base/logging.ts";
import { debianImage } from "../framework/debian-image.ts";
import { pythonRecipe } from "../framework/debian-recipes.ts";
import { DockerRegistry } from "../framework/docker-registry.ts";

const rounds = 5;
const root = mkdtempSync(join(tmpdir(), "pacific-performance-"));
const registry = await DockerRegistry.start();
const signal = new AbortController().signal;

try {
  const archive = debianImage(pythonRecipe);
  const copied = Bun.spawnSync([
    ...["skopeo", "copy", "--quiet", "--dest-tls-verify=false"],
    ...[`oci-archive:${archive}`, `docker://${registry.address}/python:1`],
  ]);
  if (copied.exitCode !== 0) throw new Error(copied.stderr.toString());
  const layer = await layerOf(archive);
  const tar = join(root, "layer.tar");
  const gzip = `${tar}.gz`;
  writeFileSync(gzip, layer);
  writeFileSync(tar, gunzipSync(layer));
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  const size = Bun.file(tar).size;
  console.log(`layer: ${mebibytes(layer.length)} MiB gzip, ${mebibytes(size)} MiB tar`);
  const table: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    const times = { ...(await pull(round)), ...(await floors(tar, gzip)) };
    for (const [name, ms] of Object.entries(times)) table[name] = [...(table[name] ?? []), ms];
  }
  for (const [name, all] of Object.entries(table)) {
    const median = all.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
    console.log(
      `${name.padEnd(52)} ${median.toFixed(0).padStart(6)} ms   ${mebibytes((size / median) * 1000)} MiB/s of tar`,
    );
  }
} finally {
  await registry.stop();
  rmSync(root, { recursive: true });
}

/** The bytes of an archive's one layer. */
async function layerOf(archive: string): Promise<Buffer> {
  const region = { path: archive, offset: 0, sizeBytes: Bun.file(archive).size };
  const [image] = await readOciLayout(await ArchiveIndex.read(region, signal), hostPlatform());
  const layer = image?.layers[0];
  if (layer === undefined) throw new Error("The image has no layer");
  return readFileSync(archive).subarray(layer.offset, layer.offset + layer.sizeBytes);
}

async function pull(round: number): Promise<Record<string, number>> {
  const store = new ImageStore({ dataDir: join(root, `store${round}`), logger: new Logger("error") });
  await store.listImages();
  const marks: Record<string, number> = {};
  const start = performance.now();
  const cpu = process.cpuUsage();
  const image = await store.pullImage(`${registry.address}/python:1`, {
    signal,
    onProgress: ({ phase, doneBytes, totalBytes }) => {
      // The first half of the unpacking is the pass that verifies and merges.
      const mark = phase === "unpacking" && doneBytes >= totalBytes / 2 ? "writing" : phase;
      marks[mark] ??= performance.now();
    },
  });
  const end = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  if (round === 0) console.log(`disk: ${(image.sizeBytes / 2 ** 20).toFixed(1)} MiB`);
  const at = (mark: string): number => marks[mark] ?? end;
  return {
    "pull: resolve": at("downloading") - start,
    "pull: download, verify, make durable": at("unpacking") - at("downloading"),
    "pull: verify and merge": at("writing") - at("unpacking"),
    "pull: write the disk, make durable": end - at("writing"),
    "pull: all": end - start,
    "pull: CPU of this process": (user + system) / 1000,
  };
}

async function floors(tar: string, gzip: string): Promise<Record<string, number>> {
  const disk = join(root, "floor.squashfs");
  const tool = `tar2sqfs -q -f -s -c zstd -X level=1 -b 65536 ${disk}`;
  return {
    "floor: fetch of the layer to nowhere": await timed(async () => {
      const manifest = await fetch(`http://${registry.address}/v2/python/manifests/1`, {
        headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
      });
      const { layers } = (await manifest.json()) as { layers: { digest: string }[] };
      const blob = await fetch(`http://${registry.address}/v2/python/blobs/${layers[0]?.digest}`);
      for await (const _chunk of blob.body ?? []);
    }),
    "floor: tar2sqfs < tar": await timed(() => shell(`${tool} < ${tar}`)),
    "floor: tar2sqfs < tar, and sync": await timed(() => shell(`${tool} < ${tar} && sync ${disk}`)),
    "floor: gzip -dc | tar2sqfs, and sync": await timed(() =>
      shell(`gzip -dc ${gzip} | ${tool} && sync ${disk}`),
    ),
  };
}

async function timed(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

async function shell(command: string): Promise<void> {
  const exitCode = await Bun.spawn(["sh", "-c", command]).exited;
  if (exitCode !== 0) throw new Error(`${command}: exit code ${exitCode}`);
}
