import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { constants, copyFile, link, mkdir, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import { asError } from "../../../../supervisor/base/errors.ts";
import { RuntimeError } from "../../runtime.ts";

/** Where a jail shows the folder of the guest's kernel. */
export const guestFolder = "/guest";
/** Where it shows what an emulating QEMU loads to give memory back. */
export const codeTrimmerPath = "/code-trimmer";
/** Places that a jail fills: its own devices and descriptors, and the guest's kernel. */
const mountPoints = ["/dev", "/proc/self/fd", guestFolder];
/** What a q35 machine with a PVH kernel and without option ROMs of devices reads of QEMU's data folders. */
const firmware = /^(bios(-256k)?|kvmvapic|linuxboot(_dma)?|multiboot(_dma)?|pvh)\.(bin|rom)$/;
const accelerators = /^accel-(kvm|tcg-x86_64)\.so$/;
const loaderCache = "/etc/ld.so.cache";
const temporarySuffix = ".tmp";
const idLength = 16;

/**
 * Makes the folder that is the root of every machine's jail, or finds it: QEMU, its libraries and its firmware at their
 * paths, the code trimmer, and nothing else. They are hard links, or copies where another file system holds them. The folder is named
 * for what is in it, so an upgraded QEMU gets another; earlier ones go, as a running QEMU has its root open.
 * Throws {@link RuntimeError} `create-failed`.
 */
export async function makeJailRoot(dataDir: string, qemuPath: string, codeTrimmer?: string): Promise<string> {
  try {
    const ours = codeTrimmer === undefined ? [] : [{ path: codeTrimmer, inside: codeTrimmerPath }];
    const files = [...(await filesOf(qemuPath)).map((path) => ({ path, inside: path })), ...ours];
    const parent = join(dataDir, "jail");
    const root = join(parent, await contentId(files));
    if (!existsSync(root)) await fill(parent, root, files);
    return root;
  } catch (error) {
    const cause = asError(error);
    throw new RuntimeError("create-failed", `Cannot make a root for ${qemuPath}: ${cause.message}`, {
      cause,
    });
  }
}

async function filesOf(qemuPath: string): Promise<string[]> {
  const [modules, data] = await Promise.all([findModules(qemuPath), findFirmware(qemuPath)]);
  const programs = [qemuPath, ...modules];
  const libraries = await Promise.all(programs.map(librariesOf));
  const cache = existsSync(loaderCache) ? [loaderCache] : [];
  return [...new Set([...programs, ...libraries.flat(), ...data, ...cache])].sort();
}

/** The loader says what it would load (ld.so(8)); ldd(1) does no more. */
async function librariesOf(path: string): Promise<string[]> {
  const listing = path.endsWith(".so")
    ? await run(["ldd", path])
    : await run([path], { LD_TRACE_LOADED_OBJECTS: "1" });
  const lines = listing.split("\n").map((line) => /(?:=> |^\s*)(\/\S+)/.exec(line)?.[1]);
  return lines.filter((line) => line !== undefined);
}

/** Some distributions have QEMU's accelerators as modules. */
async function findModules(qemuPath: string): Promise<string[]> {
  const prefix = dirname(dirname(qemuPath));
  const folders = ["lib/x86_64-linux-gnu/qemu", "lib64/qemu", "lib/qemu"].map((name) => join(prefix, name));
  return (await Promise.all(folders.map((folder) => matching(folder, accelerators)))).flat();
}

/** The first folder that has a file counts, as for QEMU. */
async function findFirmware(qemuPath: string): Promise<string[]> {
  const folders = (await run([qemuPath, "-L", "help"])).split("\n").filter((line) => line.startsWith("/"));
  const found = await Promise.all(folders.map((folder) => matching(normalize(folder), firmware)));
  const first = new Map(
    found
      .flat()
      .toReversed()
      .map((path) => [basename(path), path]),
  );
  return [...first.values()];
}

async function matching(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => pattern.test(name)).map((name) => join(folder, name));
}

/** A file of the host, and where a jail shows it. */
interface RootFile {
  readonly path: string;
  readonly inside: string;
}

async function contentId(files: readonly RootFile[]): Promise<string> {
  const hash = createHash("sha256");
  for (const { path } of files) {
    const { dev, ino, size, mtimeMs } = await stat(path);
    hash.update([path, dev, ino, size, mtimeMs].join("\n"));
  }
  return hash.digest("hex").slice(0, idLength);
}

async function fill(parent: string, root: string, files: readonly RootFile[]): Promise<void> {
  const earlier = await readdir(parent).catch(() => []);
  const temporary = `${root}.${randomBytes(4).toString("hex")}${temporarySuffix}`;
  try {
    for (const place of mountPoints) await mkdir(join(temporary, place), { recursive: true, mode: 0o755 });
    for (const { path, inside } of files) await place(await realpath(path), join(temporary, inside));
    await rename(temporary, root);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  for (const name of earlier) await rm(join(parent, name), { recursive: true, force: true });
}

async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o755 });
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}

async function run(command: string[], env: Record<string, string> = {}): Promise<string> {
  const child = Bun.spawn(command, {
    stdin: "ignore",
    stderr: "pipe",
    env: { ...process.env, LC_ALL: "C", ...env },
  });
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed: ${errors.trim()}`);
  return output;
}
