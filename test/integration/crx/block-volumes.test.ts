/** Block devices of the host as volumes: raw, and with a file system. Loop devices stand for disks. */
import { afterAll, beforeAll, expect, setDefaultTimeout, spyOn, test } from "bun:test";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { blockVolume } from "../../../agent/kubelet/volumes/block-volume.ts";
import type { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import { QmpClient } from "../../../agent/runtime/crx/qemu/qmp-client.ts";
import type { BlockVolume } from "../../../agent/runtime/mounted-volume.ts";
import type { ContainerConfig, PodSandboxConfig } from "../../../agent/runtime/runtime.ts";
import {
  busyboxDisk,
  containerConfig,
  missingForMachines,
  readLog,
  realRuntime,
  sandboxConfig,
  temporaryFolder,
  until,
} from "./fixtures.ts";

// Only for what hangs.
setDefaultTimeout(600_000);

const patienceMs = 120_000;

const missing =
  missingForMachines() ||
  (Bun.spawnSync(["losetup", "--find"]).exitCode === 0 ? "" : " (skipped: no loop devices here)");
const signal = new AbortController().signal;
const folder = temporaryFolder();
const metadata = { namespace: "default", name: "db", uid: crypto.randomUUID(), attempt: 0 };
const devices: string[] = [];
const mounts: string[] = [];
let runtime: CrxRuntime;
let image: string;
let sandboxId: string;
let volumes: BlockVolume[];
let containers = 0;

function loopDevice(name: string, bytes = 32 << 20): string {
  const file = join(folder.path, name);
  writeFileSync(file, "");
  truncateSync(file, bytes);
  const run = Bun.spawnSync(["losetup", "--find", "--show", file]);
  if (run.exitCode !== 0) throw new Error(run.stderr.toString());
  const device = run.stdout.toString().trim();
  devices.push(device);
  return device;
}

async function runSandbox(attempt: number): Promise<void> {
  const config: Partial<PodSandboxConfig> = { metadata: { ...metadata, attempt }, imageDiskPaths: [image] };
  ({ id: sandboxId } = await runtime.runPodSandbox(sandboxConfig(folder.path, config), signal));
  await runtime.mountVolumes(sandboxId, volumes);
}

/** Starts a container; its output is in the file {@link logOf}. */
async function start(script: string, change: Partial<ContainerConfig> = {}): Promise<string> {
  const name = `c${++containers}`;
  const config = containerConfig(image, ["sh", "-c", script], {
    metadata: { name, attempt: 0 },
    logPath: `${name}/0.log`,
    mounts: ["files", "fixed"].map((volume) => ({ volume, path: `/mnt/${volume}`, readOnly: false })),
    devices: [
      { volume: "raw", path: "/dev/xvda" },
      { volume: "raw-fixed", path: "/dev/disks/fixed" },
    ],
    ...change,
  });
  const id = await runtime.createContainer(sandboxId, config);
  await runtime.startContainer(id);
  return id;
}

function logOf(id: string): string {
  return join(folder.path, "logs", runtime.containerStatus(id)?.logPath ?? "");
}

/** What a script prints, until it has ended. */
async function output(script: string, change: Partial<ContainerConfig> = {}): Promise<string> {
  const id = await start(script, change);
  await until(() => runtime.containerStatus(id)?.state === "exited", script, patienceMs);
  return readLog(logOf(id));
}

/** What the file system has room for, and the raw device has, in mebibytes. */
async function sizes(): Promise<{ readonly room: number; readonly device: number }> {
  const said = await output("df -m /mnt/files | tail -1; blockdev --getsize64 /dev/xvda");
  const [, room = 0, device = 0] = /^\S+ +(\d+) .*\n(\d+)/.exec(said)?.map(Number) ?? [];
  return { room, device: device / 2 ** 20 };
}

beforeAll(async () => {
  if (missing) return;
  image = busyboxDisk(folder.path);
  const files = loopDevice("files");
  const fixed = loopDevice("fixed");
  const [raw, rawFixed] = [loopDevice("raw"), loopDevice("raw-fixed")];
  writeFileSync(rawFixed, "fixed bytes\n");
  // Formatted by a volume that may be written.
  await blockVolume(fixed, { name: "fixed", readOnly: false, isRaw: false });
  volumes = [
    await blockVolume(files, {
      ...{ name: "files", readOnly: false, isRaw: false, fsGroup: 2000 },
      mountOptions: ["noatime", "nosuid", "data=journal"],
    }),
    await blockVolume(fixed, { name: "fixed", readOnly: true, isRaw: false }),
    await blockVolume(raw, { name: "raw", readOnly: false, isRaw: true }),
    await blockVolume(rawFixed, { name: "raw-fixed", readOnly: true, isRaw: true }),
  ];
  ({ runtime } = await realRuntime(folder.path));
  await runSandbox(0);
});

afterAll(async () => {
  for (const { id } of runtime?.listPodSandboxes() ?? []) await runtime.removePodSandbox(id);
  await runtime?.close();
  for (const mount of mounts) Bun.spawnSync(["umount", mount]);
  for (const device of devices) Bun.spawnSync(["losetup", "--detach", device]);
  folder.remove();
});

test.skipIf(missing !== "")(
  `a raw disk is the container user's device, and only where it is named${missing}`,
  async () => {
    const security = { ...containerConfig(image, []).security, user: "100:101" };
    const script = `stat -c '%F %u %g %a' /dev/xvda; printf 'from the Pod' | dd of=/dev/xvda conv=notrunc,fsync 2>/dev/null
    head -c 12 /dev/disks/fixed; echo x 2>&1 >/dev/disks/fixed | tail -c 30; echo x | dd of=/dev/disks/fixed 2>&1 | grep -c -i 'read-only\\|not permitted'`;
    const said = await output(script, { security });
    expect(said).toContain("block special file 100 101 660\nfixed bytes\n");
    const bytes = Buffer.alloc(12);
    const device = openSync(volumes[2]?.path ?? "", "r");
    readSync(device, bytes, 0, bytes.length, 0);
    closeSync(device);
    expect(bytes.toString()).toBe("from the Pod");
    expect(
      readFileSync(volumes[3]?.path ?? "")
        .subarray(0, 12)
        .toString(),
    ).toBe("fixed bytes\n");
    const numbers = "$(stat -c '0x%t 0x%T' /dev/xvda | { read a b; echo $((a)) $((b)); })";
    const number = (await output(`echo ${numbers}`)).trim();
    // A container that makes the node of a disk which it was not given cannot open it.
    const stolen = `mknod /disk b ${number} && head -c 4 /disk`;
    expect(await output(stolen, { devices: [] })).toContain("Operation not permitted");
  },
);

test.skipIf(missing !== "")(
  `a disk with a file system has its options, its group, and its files${missing}`,
  async () => {
    const script = `grep -E ' /mnt/(files|fixed) ' /proc/mounts; stat -c '%u %g %a' /mnt/files
    echo kept >/mnt/files/file; stat -c '%u %g' /mnt/files/file; touch /mnt/fixed/x; sync`;
    const said = await output(script);
    expect(said).toMatch(/\/mnt\/files ext4 rw,nosuid,nodev,noatime,.*data=journal/);
    expect(said).toMatch(/\/mnt\/fixed ext4 ro,nodev,relatime/);
    expect(said).toContain("\n0 2000 2775\n0 2000\n");
    expect(said).toContain("/mnt/fixed/x: Read-only file system");
  },
);

/** A container that writes files and has each on the disk before it names it in `done`. */
const writer = `i=0; while :; do i=$((i+1)); head -c 8192 /dev/urandom >/mnt/files/new
  mv /mnt/files/new /mnt/files/w$((i % 16)); md5sum /mnt/files/w$((i % 16)) >/mnt/files/sums$((i % 16))
  echo $i >>/mnt/files/rounds
  sync /mnt/files/w$((i % 16)) /mnt/files/sums$((i % 16)) /mnt/files/rounds; echo $i; done`;
const toolEnvironment = { LC_ALL: "C", PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

function grow(device: string, bytes: number): void {
  const file = Bun.spawnSync(["losetup", "--noheadings", "--output", "BACK-FILE", device]).stdout.toString();
  truncateSync(file.trim(), bytes);
  Bun.spawnSync(["losetup", "--set-capacity", device]);
}

test.skipIf(missing !== "")(
  `disks grow with their devices, while containers write to them${missing}`,
  async () => {
    const [files, , raw] = volumes;
    if (!files || !raw) throw new Error("The test has four volumes");
    const id = await start(writer);
    await until(() => rounds(id) > 3, "the writer writes", patienceMs);
    // One that has its size already stays as it is.
    await runtime.expandVolume(sandboxId, files);
    const small = await sizes();
    expect(small.device).toBe(32);
    grow(files.path, 96 << 20);
    grow(raw.path, 48 << 20);
    await runtime.expandVolume(sandboxId, raw);
    await Promise.all([runtime.expandVolume(sandboxId, files), runtime.expandVolume(sandboxId, files)]);
    const large = await sizes();
    expect(large.device).toBe(48);
    // What a file system keeps for itself does not grow as it does.
    expect(large.room - small.room).toBeGreaterThan(56);
    const before = rounds(id);
    await until(() => rounds(id) > before + 3, "the writer goes on", patienceMs);
    await runtime.removeContainer(id);
    await output("rm /mnt/files/rounds");
    // It may have been killed between a file and its sum.
    const script = "cd /mnt/files && cat sums* | md5sum -c 2>/dev/null | grep -vc OK; cat file";
    const wrong = await output(script);
    expect(wrong).toMatch(/^[01]\nkept\n$/);
  },
);

/** Of the lines that the writer has said, the last number. */
function rounds(id: string): number {
  return Number(readLog(logOf(id)).trim().split("\n").at(-1));
}

/** A file of an ext4 file system in a file. */
function fileIn(image: string, path: string): string {
  const run = Bun.spawnSync(["debugfs", "-R", `cat ${path}`, image], { env: toolEnvironment });
  return run.stdout.toString();
}

test.skipIf(missing !== "")(
  `a snapshot has all that was written to the disk, and its writer goes on${missing}`,
  async () => {
    const id = await start(writer);
    await until(() => rounds(id) > 20, "the writer writes", patienceMs);
    const path = join(folder.path, "snapshot.img");
    const progress: number[][] = [];
    const onProgress = (...each: number[]): void => void progress.push(each);
    const written = rounds(id);
    await runtime.snapshotVolume(sandboxId, "files", { path, signal, onProgress });
    const after = rounds(id);
    await until(() => rounds(id) > after + 3, "the writer goes on", patienceMs);
    const check = Bun.spawnSync(["e2fsck", "-fn", path], { env: toolEnvironment });
    expect(check.stdout.toString() + check.stderr).not.toMatch(/journal recovery|\? no/);
    expect(check.exitCode).toBe(0);
    const kept = fileIn(path, "/rounds").trim().split("\n").map(Number);
    expect(kept.slice(0, written)).toEqual(Array.from({ length: written }, (_, index) => index + 1));
    expect(fileIn(path, "/file")).toBe("kept\n");
    expect(progress.at(-1)).toEqual([96 << 20, 96 << 20]);
    // One that is called off leaves nothing, and the next one is made.
    const calledOff = new AbortController();
    const off = { path: `${path}-off`, signal: calledOff.signal, onProgress: () => calledOff.abort() };
    await expect(runtime.snapshotVolume(sandboxId, "files", off)).rejects.toThrow("aborted");
    const raw = { path: join(folder.path, "raw.img"), signal, onProgress };
    await runtime.snapshotVolume(sandboxId, "raw", raw);
    expect(readFileSync(raw.path).subarray(0, 12).toString()).toBe("from the Pod");
    expect(statSync(raw.path).blocks * 512).toBeLessThan(4 << 20);
    expect(existsSync(off.path)).toBe(false);
    const small = join(folder.path, "small");
    mkdirSync(small);
    Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", small]);
    mounts.push(small);
    const full = { path: join(small, "files.img"), signal, onProgress };
    await expect(runtime.snapshotVolume(sandboxId, "files", full)).rejects.toThrow(
      `No room in ${small}: ${16 << 20} bytes are free, expected ${96 << 20}`,
    );
    expect(readdirSync(small)).toEqual([]);
    await expect(runtime.snapshotVolume(sandboxId, "none", raw)).rejects.toThrow("is no disk of its own");
    await runtime.removeContainer(id);
  },
);

test.skipIf(missing !== "")(
  `disks stay through another daemon, and are the next machine's with what is on them${missing}`,
  async () => {
    await runtime.close();
    ({ runtime } = await realRuntime(folder.path));
    await runtime.takenOver();
    await runtime.mountVolumes(sandboxId, volumes);
    const [files] = volumes;
    if (!files) throw new Error("The test has four volumes");
    const before = await sizes();
    grow(files.path, 128 << 20);
    await runtime.expandVolume(sandboxId, files);
    expect((await sizes()).room).toBeGreaterThan(before.room);
    expect(await output("cat /mnt/files/file; head -c 12 /dev/xvda")).toBe("kept\nfrom the Pod");
    await runtime.stopPodSandbox(sandboxId);
    // What has a file system is not formatted again.
    await blockVolume(files.path, { name: "files", readOnly: false, isRaw: false });
    await runSandbox(1);
    expect(await output("cat /mnt/files/file; head -c 12 /dev/xvda")).toBe("kept\nfrom the Pod");
  },
);

test.skipIf(missing !== "")(
  `a guest goes on by itself when its daemon is gone in the middle of a snapshot${missing}`,
  async () => {
    const id = await start(writer);
    await until(() => rounds(id) > 3, "the writer writes", patienceMs);
    const { execute } = QmpClient.prototype;
    // The guest is frozen then, and the monitor's and the guest's connections end as with their process.
    const monitor = spyOn(QmpClient.prototype, "execute").mockImplementation(async function (
      this: QmpClient,
      ...command
    ) {
      if (command[0] === "blockdev-backup") await runtime.close();
      return await execute.apply(this, command);
    });
    const onProgress = (): void => {};
    const never = { path: join(folder.path, "never"), signal, onProgress };
    await expect(runtime.snapshotVolume(sandboxId, "files", never)).rejects.toThrow();
    monitor.mockRestore();
    ({ runtime } = await realRuntime(folder.path));
    await runtime.takenOver();
    const before = rounds(id);
    await until(() => rounds(id) > before + 3, "the writer goes on", patienceMs);
    const path = join(folder.path, "later.img");
    await runtime.snapshotVolume(sandboxId, "files", { path, signal, onProgress });
    expect(fileIn(path, "/file")).toBe("kept\n");
  },
);
