import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Image } from "../../../agent/images/image-service.ts";
import { ImageStore, type ImageStoreOptions } from "../../../agent/images/image-store.ts";
import { defaultLimits } from "../../../agent/images/layers/limits.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import {
  buildTar,
  directory,
  file,
  hardLink,
  opaque,
  symlink,
  type TarSpec,
  whiteout,
} from "../../framework/tar-builder.ts";
import { makeImage, ociArchive, sha256, type TestImageOptions } from "../../framework/test-image.ts";
import { listDisk, readDiskFile, removeTree, temporaryTree } from "./disk-listing.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const missing = ["unsquashfs", "rdsquashfs"].filter((program) => Bun.which(program) === null);
const suffix = missing.length === 0 ? "" : ` (skipped: not installed: ${missing.join(", ")})`;
let root: string;
let canary: string;

beforeAll(() => {
  root = temporaryTree();
  canary = join(root, "canary");
  writeFileSync(canary, "alive");
});
afterAll(() => removeTree(root));

type Layers = readonly (readonly TarSpec[] | Buffer)[];

interface Outcome {
  readonly image?: Image;
  readonly fault?: string;
  readonly store: ImageStore;
  readonly dataDir: string;
}

/** Imports an image of these layers into a store of its own, two folders below the canary. */
async function take(
  layers: Layers,
  imageOptions: TestImageOptions = {},
  options: Partial<ImageStoreOptions> = {},
): Promise<Outcome> {
  const name = crypto.randomUUID();
  const path = join(root, `${name}.tar`);
  writeFileSync(path, ociArchive({ "example.org/evil:1": makeImage(layers, imageOptions) }));
  const dataDir = join(root, name, "store");
  const store = new ImageStore({ dataDir, logger: new Logger("error"), ...options });
  try {
    const [image] = await store.importArchive(path, new AbortController().signal);
    return { store, dataDir, ...(image === undefined ? {} : { image }) };
  } catch (error) {
    // Rejections of the store are errors of its own kind; anything else fails the test by its text.
    const { kind, message } = error as Error & { kind?: string };
    return { store, dataDir, fault: `${kind}: ${message.replace(path, "FILE")}` };
  }
}

/** Every path below the test's folder, but the stores' own files. */
function surroundings(): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => !/^[0-9a-f-]{36}(\.tar|\/store(\/.*)?)?$/.test(path))
    .sort();
}

function storeFiles(dataDir: string): string[] {
  return readdirSync(dataDir, { recursive: true, withFileTypes: true, encoding: "utf8" })
    .filter((entry) => !entry.isDirectory() && entry.name !== "lock")
    .map((entry) => entry.name);
}

describe.skipIf(missing.length > 0)(`hostile layers are refused${suffix}`, () => {
  test.each([
    [
      "a path with ..",
      [file("../../canary", "dead")],
      'entry "../../canary" leads out of its parent by ".."',
    ],
    ["a path with .. inside", [file("a/../../../canary", "dead")], 'leads out of its parent by ".."'],
    ["a whiteout with ..", [whiteout("../../canary")], 'leads out of its parent by ".."'],
    ["an opaque marker with ..", [opaque("../..")], 'leads out of its parent by ".."'],
    ["a hard link with ..", [hardLink("x", "../../canary")], 'leads out of its parent by ".."'],
    [
      "a hard link to the host",
      [hardLink("x", "/etc/passwd")],
      'hard link to "/etc/passwd", which is not in the image',
    ],
    [
      "a hard link below a symlink",
      [symlink("s", "/etc"), hardLink("x", "s/passwd")],
      "which is not in the image",
    ],
    ["a hard link to itself", [hardLink("x", "x")], "which is not in the image"],
    ["an endless number", [file("x", "", { uid: 2 ** 40 })], "owner 1099511627776, expected 0 to 4294967295"],
  ] as const)("%s", async (_name, layer, message) => {
    const { fault, store, dataDir } = await take([layer]);
    expect(fault).toStartWith("invalid-image: failed to import FILE: ");
    expect(fault).toContain(message);
    expect(await store.listImages()).toEqual([]);
    expect(storeFiles(dataDir)).toEqual([]);
    expect(readFileSync(canary, "utf8")).toBe("alive");
    expect(surroundings()).toEqual(["canary"]);
  });

  test("a gzip bomb, by size and by proportion", async () => {
    const bomb = makeImage([[file("zeros", Buffer.alloc(64 << 20))]]);
    expect(bomb.layers[0]?.size).toBeLessThan(400_000);
    const small = await take(bomb.tars, {}, { limits: { ...defaultLimits, maxUncompressedBytes: 32 << 20 } });
    expect(small.fault).toContain("over this host's limit: more than 33554432 bytes uncompressed");
    const steep = await take(bomb.tars, {}, { limits: { ...defaultLimits, ratioFloorBytes: 32 << 20 } });
    expect(steep.fault).toMatch(/over this host's limit: \d+ bytes from \d+ compressed, over 200 times/);
    for (const { dataDir } of [small, steep]) expect(storeFiles(dataDir)).toEqual([]);
  });

  test("an archive that is a bomb itself", async () => {
    const path = join(root, `${crypto.randomUUID()}.tar`);
    writeFileSync(path, gzipSync(buildTar([file("zeros", Buffer.alloc(64 << 20))])));
    const dataDir = join(root, crypto.randomUUID(), "store");
    const limits = { ...defaultLimits, maxUncompressedBytes: 32 << 20 };
    const store = new ImageStore({ dataDir, logger: new Logger("error"), limits });
    const importing = store.importArchive(path, new AbortController().signal);
    expect(await importing.catch((error: Error) => error.message)).toContain(
      "more than 33554432 bytes uncompressed",
    );
    expect(storeFiles(dataDir)).toEqual([]);
  });

  test("a million entries", async () => {
    // One block an entry: a hard link to the entry before it would do as well.
    const block = buildTar([file("f")]).subarray(0, 512);
    const tar = Buffer.alloc(512 * 1_000_000 + 1024);
    for (let at = 0; at < 512 * 1_000_000; at += 512) block.copy(tar, at);
    const { fault, dataDir } = await take([tar], { compression: "zstd" });
    expect(fault).toContain("over this host's limit: more than 500000 entries; make it smaller");
    expect(storeFiles(dataDir)).toEqual([]);
  });

  test("a wrong diffID", async () => {
    const lie = sha256("another layer");
    const { fault } = await take([[file("a", "a")]], {
      forge: ({ config }) => {
        config.rootfs = { type: "layers", diff_ids: [lie] };
      },
    });
    expect(fault).toContain(
      `expected the diffID ${lie} of the image's configuration; build and push the image anew`,
    );
  });

  test.each([
    ["too few", [], "image configuration has 0 diffIDs for 1 layers"],
    ["a path", ["sha256:../../../canary"], "expected one valid digest for each"],
    ["a number", [1], "expected one valid digest for each"],
  ])("diffIDs: %s", async (_name, diffIds, message) => {
    const { fault } = await take([[file("a")]], {
      forge: ({ config }) => {
        config.rootfs = { type: "layers", diff_ids: diffIds };
      },
    });
    expect(fault).toContain(message);
  });

  test("another platform", async () => {
    expect((await take([[file("a")]], { architecture: "riscv64" })).fault).toContain(
      "image is for linux/riscv64, this host runs linux/",
    );
  });

  test("a layer that is no tar archive", async () => {
    expect((await take([Buffer.alloc(2048, "x")])).fault).toContain("invalid-image: ");
  });
});

describe.skipIf(missing.length > 0)(`odd layers come out right${suffix}`, () => {
  test("owners, modes, devices, times, attributes and hard links", async () => {
    const capability = "\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    const { image, fault } = await take([
      [
        directory(".", { mode: 0o711, uid: 5 }),
        directory("tmp", { mode: 0o1777 }),
        file("bin/su", "su", { mode: 0o4755 }),
        file("bin/ping", "ping", {
          mode: 0o755,
          xattrs: { "security.capability": capability, "user.a": "\x01b\0\xff" },
        }),
        file("home/x", "x", { uid: 4_000_000_000, gid: 65_534, mode: 0o2640, modifiedSeconds: 2 ** 31 }),
        { path: "dev/null", type: "character", device: [1, 3], mode: 0o666 },
        { path: "dev/sda", type: "block", device: [8, 0], mode: 0o660, gid: 6 },
        { path: "run/pipe", type: "fifo", mode: 0o600 },
        hardLink("bin/ping2", "bin/ping"),
        symlink("bin/sh", "/bin/../../../../etc/passwd"),
      ],
      [hardLink("bin/ping3", "bin/ping2"), whiteout("bin/ping")],
    ]);
    expect(fault).toBeUndefined();
    const disk = image?.diskPath ?? "";
    const found = Object.fromEntries(
      listDisk(disk).map(({ path, mode, owner, size, linkTarget }) => [
        path,
        `${mode} ${owner} ${linkTarget ?? size}`,
      ]),
    );
    expect(found).toMatchObject({
      "/": expect.stringMatching(/^drwx--x--x 5\/0 /),
      "/tmp": expect.stringMatching(/^drwxrwxrwt 0\/0 /),
      "/bin/su": "-rwsr-xr-x 0/0 2",
      "/bin/ping2": "-rwxr-xr-x 0/0 4",
      "/bin/ping3": "-rwxr-xr-x 0/0 4",
      "/bin/sh": "lrwxrwxrwx 0/0 /bin/../../../../etc/passwd",
      "/home/x": "-rw-r-S--- 4000000000/65534 1",
      "/dev/null": "crw-rw-rw- 0/0 1,3",
      "/dev/sda": "brw-rw---- 0/6 8,0",
      "/run/pipe": "prw------- 0/0 0",
    });
    expect(found["/bin/ping"]).toBeUndefined();
    const stat = (path: string): string =>
      Bun.spawnSync(["rdsquashfs", "--stat", path, disk]).stdout.toString();
    const inode = (path: string): string => /Inode number: (\d+)/.exec(stat(path))?.[1] ?? path;
    expect(inode("/bin/ping2")).toBe(inode("/bin/ping3"));
    const xattrs = Bun.spawnSync(["rdsquashfs", "--xattr", "/bin/ping3", disk]).stdout.toString("latin1");
    expect(xattrs).toContain("security.capability=0x0100000200200000000000000000000000000000");
    expect(xattrs).toMatch(/user\.a=0x016200ff/i);
    expect(statSync(disk).mode & 0o777).toBe(0o444);
  });

  test("an entry below a symlink makes a directory of it", async () => {
    const { image } = await take([
      [symlink("s", "/etc"), file("t/keep")],
      [file("s/passwd", "mine"), symlink("t", "/")],
    ]);
    const disk = image?.diskPath ?? "";
    expect(readDiskFile(disk, "/s/passwd")).toBe("mine");
    expect(listDisk(disk).map(({ path }) => path)).toEqual(["/", "/s", "/s/passwd", "/t"]);
    expect(readFileSync("/etc/passwd", "utf8")).not.toBe("mine");
  });

  test("names that are no UTF-8, have control characters, or are long", async () => {
    const odd = [
      Buffer.from([0xff, 0xfe, 0x41]).toString("latin1"),
      "a\nb",
      "back\\slash",
      "sp ace",
      "n".repeat(255),
      "...",
    ];
    const tar = Buffer.concat([
      ...odd.map((name) => rawEntry(name)),
      rawEntry(`${"d/".repeat(1000)}deep`),
      Buffer.alloc(1024),
    ]);
    const { image, fault } = await take([tar]);
    expect(fault).toBeUndefined();
    const listing = Bun.spawnSync(["unsquashfs", "-l", "-dest", "", image?.diskPath ?? ""]).stdout.toString(
      "latin1",
    );
    for (const name of odd) expect(listing).toContain(`/${name}`);
    expect(listing).toContain("/d/deep");
  });

  test.each(["gnu", "posix0.0", "posix0.1", "posix1.0"])(
    "sparse files of GNU tar in the format %s",
    async (format) => {
      const folder = join(root, crypto.randomUUID());
      const script = `mkdir "$0" && cd "$0" && truncate -s 3M sparse && printf start | dd of=sparse conv=notrunc status=none &&
      printf middle | dd of=sparse bs=1 seek=1500000 conv=notrunc status=none && for n in 1 2 3 4 5 6; do
      printf x | dd of=sparse bs=1 seek=$((n * 300000)) conv=notrunc status=none; done; echo after > z`;
      Bun.spawnSync(["sh", "-c", script, folder]);
      const flags =
        format === "gnu" ? ["--format=gnu"] : ["--format=posix", `--sparse-version=${format.slice(5)}`];
      const made = Bun.spawnSync(["tar", "--sparse", ...flags, "-C", folder, "-cf", "-", "sparse", "z"]);
      expect(made.stdout.length).toBeLessThan(200_000);
      const { image, fault } = await take([made.stdout]);
      expect(fault).toBeUndefined();
      const found = Bun.spawnSync(["rdsquashfs", "--cat", "/sparse", image?.diskPath ?? ""]).stdout;
      expect(sha256(found)).toBe(sha256(readFileSync(join(folder, "sparse"))));
      expect(readDiskFile(image?.diskPath ?? "", "/z")).toBe("after\n");
      removeTree(folder);
    },
  );

  test("an image without layers is an empty disk", async () => {
    const { image, fault } = await take([]);
    expect(fault).toBeUndefined();
    expect(listDisk(image?.diskPath ?? "").map(({ path }) => path)).toEqual(["/"]);
  });
});

/** An empty file with a name given in bytes. */
function rawEntry(byteName: string): Buffer {
  const text = Buffer.from(byteName, "latin1");
  const record = (length: number): Buffer =>
    Buffer.concat([Buffer.from(`${length} path=`), text, Buffer.from("\n")]);
  let length = 0;
  while (record(length).length !== length) length = record(length).length;
  const header = buildTar([file("pax", record(length))]).subarray(0, -1024);
  header.write("x", 156, "latin1");
  header.fill(0x20, 148, 156);
  const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([header, buildTar([file("short")]).subarray(0, -1024)]);
}
