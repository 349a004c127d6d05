import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type GuestKernel, RuntimeError } from "../runtime.ts";
import { protocolVersion } from "./channel/protocol.ts";

/** The kernel and the initial file system that every sandbox boots, and the program that makes its jail. */
export interface GuestImage {
  readonly kernelPath: string;
  readonly initrdPath: string;
  readonly jailerPath: string;
  /** The program that serves folders of the host to it. */
  readonly fileServerPath: string;
  /** What an emulating QEMU loads to give memory back. */
  readonly codeTrimmerPath: string;
  readonly kernelArguments: string;
  /** Tells images apart, in a few hexadecimal digits. */
  readonly id: string;
}

/** Paths of the built files (`dist/guest`), which may be files embedded in the binary. */
export interface GuestImageSource {
  readonly kernel: string;
  readonly initramfs: string;
  readonly jailer: string;
  readonly fileServer: string;
  readonly codeTrimmer: string;
  readonly manifest: string;
}

/** What `host-images/build.sh` writes beside the files. */
interface Manifest {
  readonly protocolVersion: number;
  readonly kernel: { readonly sha256: string };
  readonly initramfs: { readonly sha256: string };
  readonly jailer: { readonly sha256: string };
  readonly fileServer: { readonly sha256: string };
  readonly codeTrimmer: { readonly sha256: string };
  readonly kernelArguments: string;
}

const foldersName = "guest-images";
const kernelName = "vmlinux";
const initramfsName = "initramfs.cpio";
const jailerName = "jailer";
const fileServerName = "file-server";
const codeTrimmerName = "code-trimmer";
const idLength = 16;
const temporarySuffix = ".tmp";

/**
 * Puts the guest's kernel and initial file system where QEMU can read them: into a folder below the data directory that
 * is named for their content. Does nothing when it is there; else it appears at once and whole, and earlier ones go, as
 * a running QEMU has read them at its start. Throws {@link RuntimeError} `invalid` for files that are not those of the
 * manifest.
 */
export async function unpackGuestImage(dataDir: string, source: GuestImageSource): Promise<GuestImage> {
  const manifest = await readManifest(source.manifest);
  const id = imageId(manifest);
  const parent = join(dataDir, foldersName);
  const folder = join(parent, id);
  if (!existsSync(folder)) await unpack(parent, folder, source, manifest);
  return {
    id,
    kernelPath: join(folder, kernelName),
    initrdPath: join(folder, initramfsName),
    jailerPath: join(folder, jailerName),
    fileServerPath: join(folder, fileServerName),
    codeTrimmerPath: join(folder, codeTrimmerName),
    kernelArguments: manifest.kernelArguments,
  };
}

/** The guest that lies beside its manifest, at its own place. Throws {@link RuntimeError} `invalid` for one of another protocol. */
export async function guestKernelOf(manifestPath: string): Promise<GuestKernel> {
  const { kernelArguments } = await readManifest(manifestPath);
  const folder = dirname(manifestPath);
  const kernel = { kernelPath: join(folder, kernelName), initrdPath: join(folder, initramfsName) };
  for (const path of Object.values(kernel)) {
    if (!existsSync(path)) throw new RuntimeError("invalid", `Guest file ${path} is missing`);
  }
  return { ...kernel, kernelArguments };
}

/** Whether {@link unpackGuestImage} would find these files in their place. */
export async function isGuestImageUnpacked(dataDir: string, source: GuestImageSource): Promise<boolean> {
  return existsSync(join(dataDir, foldersName, imageId(await readManifest(source.manifest))));
}

function imageId({ kernelArguments, ...files }: Manifest): string {
  const { kernel, initramfs, jailer, fileServer, codeTrimmer } = files;
  const hashes = [kernel, initramfs, jailer, fileServer, codeTrimmer].map(({ sha256 }) => sha256);
  const identity = [...hashes, kernelArguments].join("\n");
  return new Bun.CryptoHasher("sha256").update(identity).digest("hex").slice(0, idLength);
}

async function unpack(
  parent: string,
  folder: string,
  source: GuestImageSource,
  manifest: Manifest,
): Promise<void> {
  const temporary = `${folder}.${randomBytes(4).toString("hex")}${temporarySuffix}`;
  const earlier = await readdir(parent).catch(() => []);
  await mkdir(temporary, { recursive: true, mode: 0o755 });
  try {
    await copyVerified(source.kernel, join(temporary, kernelName), manifest.kernel.sha256);
    await copyVerified(source.initramfs, join(temporary, initramfsName), manifest.initramfs.sha256);
    await copyVerified(source.jailer, join(temporary, jailerName), manifest.jailer.sha256, 0o755);
    await copyVerified(source.fileServer, join(temporary, fileServerName), manifest.fileServer.sha256, 0o755);
    await copyVerified(source.codeTrimmer, join(temporary, codeTrimmerName), manifest.codeTrimmer.sha256);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  for (const name of earlier) await rm(join(parent, name), { recursive: true, force: true });
}

async function copyVerified(from: string, to: string, sha256: string, mode = 0o644): Promise<void> {
  const hasher = new Bun.CryptoHasher("sha256");
  const file = await open(to, "wx", mode);
  try {
    for await (const chunk of Bun.file(from).stream()) {
      hasher.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const found = hasher.digest("hex");
  if (found !== sha256) {
    const text = `Guest file ${from} has the SHA-256 ${found}, expected ${sha256}; build it anew with host-images/build.sh`;
    throw new RuntimeError("invalid", text);
  }
}

async function readManifest(path: string): Promise<Manifest> {
  // The build writes the file; what it lacks shows below and when the hashes are compared.
  const manifest = (await Bun.file(path).json()) as Manifest;
  if (manifest.protocolVersion !== protocolVersion) {
    const text = `Guest image ${path} speaks protocol version ${manifest.protocolVersion}, expected ${protocolVersion}`;
    throw new RuntimeError("invalid", text);
  }
  return manifest;
}
