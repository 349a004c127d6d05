/** Block devices of the host as volumes: raw, and with a file system. Loop devices stand for disks. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { closeSync, openSync, readFileSync, readSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { blockVolume } from "../../../agent/kubelet/volumes/block-volume.ts";
import type { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
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
setDefaultTimeout(120_000);

const missing =
  missingForMachines() ||
  (Bun.spawnSync(["losetup", "--find"]).exitCode === 0 ? "" : " (skipped: no loop devices here)");
const signal = new AbortController().signal;
const folder = temporaryFolder();
const metadata = { namespace: "default", name: "db", uid: crypto.randomUUID(), attempt: 0 };
const devices: string[] = [];
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

/** What a script prints, until it has ended. */
async function output(script: string, change: Partial<ContainerConfig> = {}): Promise<string> {
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
  await until(() => runtime.containerStatus(id)?.state === "exited", script);
  return readLog(join(folder.path, "logs", config.logPath));
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

test.skipIf(missing !== "")(
  `disks stay through another daemon, and are the next machine's with what is on them${missing}`,
  async () => {
    await runtime.close();
    ({ runtime } = await realRuntime(folder.path));
    await runtime.takenOver();
    await runtime.mountVolumes(sandboxId, volumes);
    expect(await output("cat /mnt/files/file; head -c 12 /dev/xvda")).toBe("kept\nfrom the Pod");
    await runtime.stopPodSandbox(sandboxId);
    // What has a file system is not formatted again.
    const [files] = volumes;
    await blockVolume(files?.path ?? "", { name: "files", readOnly: false, isRaw: false });
    await runSandbox(1);
    expect(await output("cat /mnt/files/file; head -c 12 /dev/xvda")).toBe("kept\nfrom the Pod");
  },
);
