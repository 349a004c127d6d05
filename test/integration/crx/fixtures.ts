import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import type { CrxRuntimeOptions } from "../../../agent/runtime/crx/crx-runtime-options.ts";
import { unpackGuestImage } from "../../../agent/runtime/crx/guest-image.ts";
import { Jail } from "../../../agent/runtime/crx/jail/jail.ts";
import { spawnDetached } from "../../../agent/runtime/crx/qemu/spawn-qemu.ts";
import { plainSecurity } from "../../../agent/runtime/plain-security.ts";
import type { ContainerConfig, PodSandboxConfig, RuntimeEvent } from "../../../agent/runtime/runtime.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { eventually } from "../../framework/eventually.ts";
import { guardedFolder } from "../../framework/guarded-folder.ts";

const builtFolder = new URL("../../../dist/guest/", import.meta.url).pathname;
export const builtImage = {
  kernel: join(builtFolder, "vmlinux"),
  initramfs: join(builtFolder, "initramfs.cpio"),
  jailer: join(builtFolder, "jailer"),
  fileServer: join(builtFolder, "file-server"),
  codeTrimmer: join(builtFolder, "code-trimmer"),
  manifest: join(builtFolder, "manifest.json"),
};

export const quiet = new Logger("error", () => {});

/** Waits for a condition with a deadline; the only way that these tests wait. */
export function until<T>(
  read: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  timeoutMs = 30_000,
) {
  return eventually(what, timeoutMs, read);
}

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = guardedFolder("crx");
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function sandboxConfig(folder: string, change: Partial<PodSandboxConfig> = {}): PodSandboxConfig {
  return {
    metadata: { namespace: "default", name: "web", uid: crypto.randomUUID(), attempt: 0 },
    hostname: "web",
    labels: { app: "web" },
    annotations: {},
    dns: { servers: ["10.43.0.10"], searches: ["default.svc.cluster.local"], options: ["ndots:5"] },
    hostAliases: [],
    cpuCount: 1,
    cpuWeight: 100,
    memoryBytes: 128 << 20,
    logDirectory: join(folder, "logs"),
    sysctls: {},
    ...change,
  };
}

export function containerConfig(
  imageDiskPath: string,
  args: readonly string[],
  change: Partial<ContainerConfig> = {},
): ContainerConfig {
  return {
    metadata: { name: "main", attempt: 0 },
    imageId: "sha256:test",
    imageDiskPath,
    args,
    workingDir: "",
    env: [],
    tty: false,
    stdin: false,
    stdinOnce: false,
    logPath: "main/0.log",
    labels: {},
    annotations: {},
    resources: { cpuMillis: 0, cpuWeight: 100, memoryBytes: 0 },
    security: plainSecurity,
    mounts: [],
    stopSignal: "",
    ...change,
  };
}

/** What the tests with real machines lack here, as the end of a title; empty when all is there. */
export function missingForMachines(): string {
  const missing = [
    ...(Bun.which("qemu-system-x86_64") ? [] : ["no qemu-system-x86_64"]),
    ...(existsSync(builtImage.manifest)
      ? []
      : ["no guest image in dist/guest, build it with host-images/build.sh"]),
    ...(Bun.which("mksquashfs") && Bun.which("busybox") ? [] : ["no mksquashfs or busybox"]),
  ];
  return missing.length > 0 ? ` (skipped: ${missing.join(", ")})` : "";
}

/** A runtime with real machines under TCG, which are clones; every machine of an earlier one is taken over. */
export async function realRuntime(
  dataDir: string,
  change: Partial<CrxRuntimeOptions> = {},
): Promise<{ runtime: CrxRuntime; events: RuntimeEvent[] }> {
  const { runtime, events } = await recoveringRuntime(dataDir, change);
  await runtime.takenOver();
  // A daemon that takes machines over is not held up.
  if (runtime.listPodSandboxes().length === 0) await runtime.templateSettled();
  return { runtime, events };
}

/** The same, which may still be taking machines over. */
export async function recoveringRuntime(
  dataDir: string,
  change: Partial<CrxRuntimeOptions> = {},
): Promise<{ runtime: CrxRuntime; events: RuntimeEvent[] }> {
  const guestImage = change.guestImage ?? (await unpackGuestImage(dataDir, builtImage));
  const runtime = new CrxRuntime({
    dataDir,
    guestImage,
    accel: "tcg",
    logger: quiet,
    cloning: { hasNetwork: false },
    // A clone has a quarter of it: on a busy machine none is given up, and nothing boots instead.
    bootTimeoutMs: 600_000,
    ...change,
  });
  const events: RuntimeEvent[] = [];
  runtime.onEvent((event) => events.push(event));
  await runtime.recover(new AbortController().signal);
  return { runtime, events };
}

/** An image's disk with busybox and its commands; `name` makes it differ from others. */
export function busyboxDisk(folder: string, name = "busybox"): string {
  const root = join(folder, `${name}-root`);
  for (const directory of ["bin", "etc", "tmp", "www"]) mkdirSync(join(root, directory), { recursive: true });
  const busybox = Bun.which("busybox") ?? "";
  cpSync(busybox, join(root, "bin/busybox"), { dereference: true });
  const applets = Bun.spawnSync([busybox, "--list"]).stdout.toString().split("\n").filter(Boolean);
  for (const applet of applets) if (applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/:/bin/sh\nweb:x:100:101::/:/bin/sh\n");
  writeFileSync(join(root, "etc/group"), "root:x:0:\nweb:x:101:\n");
  writeFileSync(join(root, "etc/name"), `${name}\n`);
  const disk = join(folder, `${name}.squashfs`);
  const run = Bun.spawnSync(["mksquashfs", root, disk, "-all-root", "-quiet", "-no-progress"]);
  if (run.exitCode !== 0) throw new Error(run.stderr.toString());
  rmSync(root, { recursive: true });
  return disk;
}

/** The text of a log as `kubectl logs` shows it, with what was rotated away as far as it is kept. */
export function readLog(path: string): string {
  const prefix = `${basename(path)}.`;
  const rotated = readdirSync(dirname(path)).filter((name) => name.startsWith(prefix));
  const files = [...rotated.sort().map((name) => join(dirname(path), name)), path];
  return files
    .flatMap((file) => readFileSync(file, "utf8").split("\n").filter(Boolean))
    .map((entry) => {
      const [, , flag = "", ...words] = entry.split(" ");
      return `${words.join(" ")}${flag === "F" ? "\n" : ""}`;
    })
    .join("");
}

/** The files of a guest that nobody boots. */
export const fakeImage = {
  id: "fake",
  kernelPath: "/none",
  initrdPath: "/none",
  jailerPath: "/none",
  fileServerPath: "/none",
  codeTrimmerPath: "/none",
  kernelArguments: "",
};

/** A runtime whose machines are `fake-qemu.ts` in the given mode. */
export async function fakeRuntime(
  dataDir: string,
  mode: () => string,
  change: Partial<CrxRuntimeOptions> = {},
): Promise<{ runtime: CrxRuntime; events: RuntimeEvent[] }> {
  const script = new URL("./fake-qemu.ts", import.meta.url).pathname;
  const runtime = new CrxRuntime({
    dataDir,
    guestImage: fakeImage,
    jail: new Jail({ level: "none", message: "", guestImage: fakeImage, root: "/none" }),
    accel: "tcg",
    logger: quiet,
    spawn: (request) => {
      const args = request.args.map((arg, at) => (request.args[at - 1] === "-append" ? mode() : arg));
      return spawnDetached({ ...request, command: process.execPath, args: [script, ...args] });
    },
    ...change,
  });
  const events: RuntimeEvent[] = [];
  runtime.onEvent((event) => events.push(event));
  await runtime.recover(new AbortController().signal);
  await runtime.takenOver();
  return { runtime, events };
}

/** A file that passes for an image's disk on the host; only a fake guest mounts it. */
export function fakeDisk(folder: string): string {
  const path = join(folder, "image.squashfs");
  writeFileSync(path, Buffer.concat([Buffer.from("hsqs"), Buffer.alloc(4092)]));
  return path;
}
