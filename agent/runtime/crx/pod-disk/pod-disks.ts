import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs, unlink } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../../../supervisor/base/errors.ts";
import type { Logger } from "../../../../supervisor/base/logging.ts";
import { DiskTemplate } from "./disk-template.ts";

/** Whoever mounts a disk reads a line of each 128 MiB of it, and keeps something of each. */
const mostBytes = 2 ** 40;
const mebibyte = 1 << 20;
const suffix = ".ext4";

/** A Pod's disk, open for reading and writing; who opened it closes it. */
export interface OpenPodDisk {
  readonly file: FileHandle;
  /** No machine has had it yet. */
  readonly isNew: boolean;
}

/**
 * The disks that Pods keep their containers' files and their `emptyDir` volumes on: a file with holes each, as large as
 * the host's own file system and as long there as a sandbox of the Pod is.
 */
export class PodDisks {
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #holders = new Map<string, Set<string>>();
  #template: DiskTemplate | undefined;
  #problem = "The runtime has not recovered yet";

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** Makes the template; where it cannot be made, machines keep everything in their memory. */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      this.#template = await DiskTemplate.make(this.#folder, await this.#size());
    } catch (error) {
      this.#problem = messageOf(error);
      this.#logger.warn("Pods have no disks: they keep their files in memory", { reason: this.#problem });
    }
  }

  /** Why there are no disks; absent: there are. */
  get problem(): string | undefined {
    return this.#template ? undefined : this.#problem;
  }

  /** What a disk can hold, and no write of a machine goes beyond; 0 where there are none. */
  get sizeBytes(): number {
    return this.#template?.sizeBytes ?? 0;
  }

  /** Says that a sandbox needs its Pod's disk. */
  hold(uid: string, sandboxId: string): void {
    const holders = this.#holders.get(uid);
    if (holders) holders.add(sandboxId);
    else this.#holders.set(uid, new Set([sandboxId]));
  }

  /** With the last sandbox that needs it the disk goes. */
  async release(uid: string, sandboxId: string): Promise<void> {
    const holders = this.#holders.get(uid);
    holders?.delete(sandboxId);
    await this.discardBlank(sandboxId);
    if (holders && holders.size > 0) return;
    this.#holders.delete(uid);
    await removeFile(this.#path(uid));
  }

  /** The Pod's disk, made where it is not there. Throws why it cannot be had. */
  async open(uid: string): Promise<OpenPodDisk> {
    if (!this.#template) throw new Error(this.#problem);
    const path = this.#path(uid);
    const present = await openPresent(path);
    return present
      ? { file: present, isNew: false }
      : { file: await make(path, this.#template), isNew: true };
  }

  /** Opens the Pod's disk where it is there. */
  async find(uid: string): Promise<FileHandle | undefined> {
    return await openPresent(this.#path(uid));
  }

  /** Makes a disk for a machine that is nobody's yet; absent: an empty one. Throws why it cannot be had. */
  async makeBlank(machineId: string, template = this.#template): Promise<FileHandle> {
    if (!template) throw new Error(this.#problem);
    return await make(this.#blankPath(machineId), template);
  }

  /** The disk that a machine was started with becomes the Pod's. */
  async adopt(uid: string, machineId: string): Promise<void> {
    await rename(this.#blankPath(machineId), this.#path(uid));
  }

  /** The disk that a machine was started with goes, where it is there. */
  async discardBlank(machineId: string): Promise<void> {
    await removeFile(this.#blankPath(machineId));
  }

  /** Removes the disks that nobody holds. */
  async sweep(): Promise<void> {
    const kept = new Set([...this.#holders.keys()].map((uid) => this.#path(uid)));
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const path = join(this.#folder, name);
      if (!kept.has(path)) await rm(path, { recursive: true, force: true });
    }
  }

  /** As large as the file system that it lies on, and as the disks that are there. */
  async #size(): Promise<number> {
    const { bsize, blocks } = await statfs(this.#folder);
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(suffix));
    const present = await Promise.all(names.map(async (name) => (await stat(join(this.#folder, name))).size));
    const wanted = Math.floor(Math.min(bsize * blocks, mostBytes) / mebibyte) * mebibyte;
    return Math.max(wanted, ...present);
  }

  /** A uid may be any text where a Pod is a host's own. */
  #path(uid: string): string {
    return join(this.#folder, `${encodeURIComponent(uid)}${suffix}`);
  }

  #blankPath(machineId: string): string {
    return join(this.#folder, `${machineId}.blank`);
  }
}

async function make(path: string, template: DiskTemplate): Promise<FileHandle> {
  const file = await open(path, "wx+", 0o600);
  try {
    await template.write(file);
    return file;
  } catch (error) {
    await file.close();
    await removeFile(path);
    throw error;
  }
}

async function openPresent(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r+");
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

/** Nothing is there, or not even a folder that it could be in. */
function isAbsent(error: unknown): boolean {
  const { code } = Object(error);
  return code === "ENOENT" || code === "ENOTDIR";
}
