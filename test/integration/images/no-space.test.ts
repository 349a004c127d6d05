import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { ImageError } from "../../../agent/images/image-service.ts";
import { ImageStore } from "../../../agent/images/image-store.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { DockerRegistry } from "../../framework/docker-registry.ts";
import { file } from "../../framework/tar-builder.ts";
import { makeImage, ociArchive } from "../../framework/test-image.ts";
import { readDiskFile, removeTree, temporaryTree } from "./disk-listing.ts";

const root = temporaryTree();
const small = join(root, "small");
const ballast = join(small, "ballast");
const never = new AbortController().signal;

/** Why a small disk cannot be mounted here. */
function findObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return "needs root for a tmpfs";
  if (Bun.which("docker-registry") === null) return "not installed: docker-registry";
  mkdirSync(small);
  const tried = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", small]);
  if (tried.exitCode !== 0) return `no tmpfs can be mounted: ${tried.stderr.toString().trim()}`;
  Bun.spawnSync(["umount", small]);
  return undefined;
}

const obstacle = findObstacle();
const suffix = obstacle === undefined ? "" : ` (skipped: ${obstacle})`;
// 1.5 MB that nothing compresses: as a blob and as a disk it needs 3 MB.
const image = makeImage([[file("random", randomBytes(1_500_000))]], { compression: "none" });
let registry: DockerRegistry;
let reference: string;

describe.skipIf(obstacle !== undefined)(`a full disk${suffix}`, () => {
  beforeAll(async () => {
    registry = await DockerRegistry.start();
    reference = await registry.push("app", "1", image);
  });
  afterAll(async () => {
    await registry.stop();
  });
  beforeEach(() => {
    Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", small]);
  });
  afterEach(() => {
    Bun.spawnSync(["umount", small]);
  });

  test.each([
    ["while a layer comes", 3_500_000],
    ["while the disk is written", 1_500_000],
  ])("%s: says so, leaves nothing, and works when there is room", async (_name, ballastBytes) => {
    const store = new ImageStore({ dataDir: join(small, "store"), logger: new Logger("error") });
    writeFileSync(ballast, Buffer.alloc(ballastBytes));
    const fault = await store.pullImage(reference, { signal: never }).catch((error: ImageError) => error);
    expect(fault).toMatchObject({ kind: "no-space" });
    expect((fault as ImageError).message).toMatch(
      /^failed to pull and unpack image ".*": no space left on the disk that holds .*: free some or remove unused images$/,
    );
    for (const folder of ["blobs", "disks", "images", "references"]) {
      expect(readdirSync(join(small, "store", folder))).toEqual([]);
    }
    rmSync(ballast);
    const { diskPath } = await store.pullImage(reference, { signal: never });
    expect(readDiskFile(diskPath, "/random").length).toBeGreaterThan(0);
  });

  test("while a compressed archive is unpacked", async () => {
    const path = join(root, "archive.tar.gz");
    writeFileSync(path, gzipSync(ociArchive({ "example.org/app:1": image })));
    const store = new ImageStore({ dataDir: join(small, "store"), logger: new Logger("error") });
    writeFileSync(ballast, Buffer.alloc(3_000_000));
    const fault = await store.importArchive(path, never).catch((error: ImageError) => error);
    expect(fault).toMatchObject({ kind: "no-space" });
    expect(readdirSync(join(small, "store", "archives"))).toEqual([]);
    rmSync(ballast);
    expect(await store.importArchive(path, never)).toHaveLength(1);
  });
});

afterAll(() => removeTree(root));
