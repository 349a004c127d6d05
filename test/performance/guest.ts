/**
 * What a guest costs, in one run: `bun test/performance/guest.ts [rounds]`. Boots the built kernel and PID 1 in QEMU
 * without KVM and prints, each with its floor beside it: boot to the answered hello, container start to first output,
 * log throughput, and exec latency while one reader is stopped and another container floods its log.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { processOption, tag } from "../../agent/runtime/crx/channel/protocol.ts";
import { busyboxDisk, missingForMachines, temporaryFolder } from "../integration/crx/fixtures.ts";
import type { GuestSession } from "../integration/guest/guest-session.ts";
import { builtImages, type GuestImages, Machine } from "../integration/guest/machine.ts";
import { wire } from "../integration/guest/wire.ts";

const rounds = Number(process.argv[2] ?? 7);
const missing = missingForMachines();
const images = builtImages();
if (missing || !images) throw new Error(`Nothing to measure${missing}`);

function print(what: string, values: readonly number[], unit: string): void {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1);
  process.stdout.write(`${what.padEnd(58)} best ${at(0)}, median ${at(0.5)}, worst ${at(1)} ${unit}\n`);
}

async function times(count: number, measure: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < count; i++) values.push(await measure());
  return values;
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** An initramfs whose first process does nothing but power off. */
function bareInitramfs(folder: string): string {
  const source = new URL("./bare-init.c", import.meta.url).pathname;
  const script = `musl-gcc -static -Os -s -o init ${source} && echo init | cpio --create --format=newc --quiet >bare.cpio`;
  const run = Bun.spawnSync(["sh", "-c", script], { cwd: folder });
  if (run.exitCode !== 0) throw new Error(run.stderr.toString());
  return join(folder, "bare.cpio");
}

/** Boots to the end that a bare first process makes of the machine at once. */
async function bareBoot(settings: GuestImages): Promise<number> {
  const start = performance.now();
  const machine = new Machine({ images: settings });
  try {
    const stopped = await machine.listenFor("SHUTDOWN");
    await stopped();
    return performance.now() - start;
  } finally {
    await machine.end();
  }
}

/** Boots to the hello. */
async function boot(settings: GuestImages): Promise<number> {
  const start = performance.now();
  const machine = new Machine({ images: settings });
  try {
    (await machine.session()).close();
    return performance.now() - start;
  } finally {
    await machine.end();
  }
}

let containers = 0;

async function startContainer(
  guest: GuestSession,
  script: string,
  options = 0,
): Promise<{ id: string; stdout: number }> {
  containers += 1;
  const id = `p${containers}`;
  const answer = await guest.create(id, ["sh", "-c", script], (fields) => fields.u32(tag.options, options));
  await guest.start(id);
  return { id, stdout: answer.needU32(tag.stdout) };
}

/** From the request to the first byte of output. */
function firstOutput(guest: GuestSession): Promise<number> {
  return elapsed(async () => {
    const { stdout } = await startContainer(guest, "echo hello; sleep 0.01");
    const readable = guest.read(stdout);
    await new Promise((resolve) => readable.once("data", resolve));
    readable.resume();
  });
}

/** Megabytes of log a second: a container writes them as fast as it can. */
async function throughput(guest: GuestSession, megabytes: number): Promise<number> {
  const { stdout } = await startContainer(
    guest,
    `dd if=/dev/zero bs=64k count=${megabytes * 16} 2>/dev/null`,
  );
  let bytes = 0;
  const ms = await elapsed(async () => {
    for await (const chunk of guest.read(stdout)) bytes += chunk.length;
  });
  return bytes / 1e6 / (ms / 1000);
}

async function underLoad(guest: GuestSession): Promise<void> {
  const stopped = await startContainer(guest, "dd if=/dev/zero bs=64k 2>/dev/null");
  const flood = await startContainer(guest, "dd if=/dev/zero bs=64k 2>/dev/null");
  const third = await startContainer(guest, "exec sleep 100000");
  guest.streams.attachInbound(stopped.stdout, 0);
  let flooded = 0;
  guest.read(flood.stdout).on("data", (chunk: Buffer) => {
    flooded += chunk.length;
  });
  const before = flooded;
  const start = performance.now();
  const values = await times(20, () => elapsed(() => guest.exec(third.id, ["true"])));
  print("exec to its exit, one reader stopped and one flooding", values, "ms");
  const rate = (flooded - before) / 1e6 / ((performance.now() - start) / 1000);
  process.stdout.write(`  the flood went on at ${rate.toFixed(0)} MB/s\n`);
  const stats = await guest.request(wire("TYPE_STATS"));
  const used = Number(
    (stats.u64(wire("TAG_MEMORY_TOTAL")) ?? 0n) - (stats.u64(wire("TAG_MEMORY_AVAILABLE")) ?? 0n),
  );
  process.stdout.write(`  memory used in the guest: ${(used / 1e6).toFixed(0)} MB\n`);
}

const folder = temporaryFolder();
try {
  process.stdout.write(
    `kernel ${statSync(images.kernelPath).size} bytes, initramfs ${statSync(images.initrdPath).size} bytes\n`,
  );
  const bare = { ...images, initrdPath: bareInitramfs(folder.path) };
  const boots = { bare: [] as number[], guest: [] as number[] };
  // In turns, so that both see the same load.
  for (let i = 0; i < rounds; i++) {
    boots.bare.push(await bareBoot(bare));
    boots.guest.push(await boot(images));
  }
  print("floor: the same kernel, powered off by its first process", boots.bare, "ms");
  print("boot: QEMU's start to the hello on both ports", boots.guest, "ms");
  const disk = busyboxDisk(folder.path);
  const machine = new Machine({ images, disks: [{ path: disk, serial: "disk0" }] });
  try {
    const guest = await machine.session();
    await guest.request(wire("TYPE_MOUNT_DISK"), (fields) =>
      fields.text(tag.disk, "image").text(tag.diskSerial, "disk0").text(tag.fileSystem, "squashfs"),
    );
    print("first container, create to first output", [await firstOutput(guest)], "ms");
    print("warm container, create to first output", await times(20, () => firstOutput(guest)), "ms");
    const ping = await times(200, () => elapsed(() => guest.request(wire("TYPE_PING"))));
    print("a request and its answer (floor)", ping, "ms");
    print("log of one container", await times(3, () => throughput(guest, 100)), "MB/s");
    await startContainer(guest, "exec sleep 100000", processOption.stdin);
    const id = `p${containers}`;
    print(
      "exec to its exit, nothing else running",
      await times(20, () => elapsed(() => guest.exec(id, ["true"]))),
      "ms",
    );
    await underLoad(guest);
    guest.close();
  } finally {
    await machine.end();
  }
} finally {
  folder.remove();
}
