/** What a Pod's disk is for: its containers' files and its volumes, on the host and not in the machine's memory. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import { findMachines } from "../../../agent/runtime/crx/qemu/find-machines.ts";
import type { ContainerConfig, PodSandboxConfig, SandboxVolume } from "../../../agent/runtime/runtime.ts";
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

setDefaultTimeout(600_000);

const missing = missingForMachines();
const signal = new AbortController().signal;
const mebibyte = 1 << 20;
const data: SandboxVolume = { name: "data", mode: 0o777, medium: "disk", entries: [] };
const images = temporaryFolder();
let image: string;
let attempts = 0;

beforeAll(() => {
  if (!missing) image = busyboxDisk(images.path);
});
afterAll(() => images.remove());

/** A runtime with a folder of its own, and the sandbox of one Pod in it at a time. */
class Host {
  readonly folder = temporaryFolder();
  readonly disks = join(this.folder.path, "pod-disks");
  runtime!: CrxRuntime;

  async start(change: Parameters<typeof realRuntime>[1] = {}): Promise<void> {
    ({ runtime: this.runtime } = await realRuntime(this.folder.path, change));
  }

  async run(change: Partial<PodSandboxConfig> = {}): Promise<string> {
    const { id, storageProblem } = await this.runtime.runPodSandbox(
      sandboxConfig(this.folder.path, { imageDiskPaths: [image], ...change }),
      signal,
    );
    expect(storageProblem).toBeUndefined();
    await this.runtime.writeVolume(id, data);
    return id;
  }

  /** Runs a script in a container until it is over, and gives what it printed. */
  async shell(sandboxId: string, script: string, change: Partial<ContainerConfig> = {}): Promise<string> {
    const logPath = `shell/${attempts}.log`;
    const config = containerConfig(image, ["sh", "-c", script], {
      metadata: { name: "shell", attempt: attempts++ },
      logPath,
      mounts: [{ volume: "data", path: "/data", readOnly: false }],
      ...change,
    });
    const id = await this.runtime.createContainer(sandboxId, config);
    await this.runtime.startContainer(id);
    await until(() => this.runtime.containerStatus(id)?.state === "exited", script, 60_000);
    await this.runtime.removeContainer(id);
    return readLog(join(this.folder.path, "logs", logPath));
  }

  /** What the disk takes of the host. */
  bytes(uid: string): number {
    return statSync(join(this.disks, `${uid}.ext4`)).blocks * 512;
  }

  async remove(): Promise<void> {
    for (const { id } of this.runtime.listPodSandboxes()) await this.runtime.removePodSandbox(id);
    await this.runtime.close();
    this.folder.remove();
  }
}

describe.skipIf(missing !== "")(`a Pod's disk${missing}`, () => {
  const host = new Host();
  beforeAll(() => host.start());
  afterAll(() => host.remove());

  test("has what containers write, gives back what they remove, and is counted", async () => {
    const uid = crypto.randomUUID();
    const id = await host.run({ metadata: { namespace: "default", name: "full", uid, attempt: 0 } });
    const used = "grep -E '^(Shmem|MemTotal)' /proc/meminfo; df /data / | awk 'NR > 1 { print $1 }'";
    const write = "dd if=/dev/zero of=/data/one bs=1M count=48; dd if=/dev/zero of=/two bs=1M count=24; sync";
    const printed = await host.shell(id, `(${write}) 2>/dev/null; ${used}`);
    expect(Number(/Shmem: +(\d+)/.exec(printed)?.[1])).toBeLessThan(2048);
    expect(printed).toMatch(/\/dev\/vd[a-z]+\noverlay/);
    // The first container's layer is gone, and its blocks follow.
    await until(() => host.bytes(uid) < 60 * mebibyte, "the blocks of the layer to be free");
    expect(host.bytes(uid)).toBeGreaterThan(48 * mebibyte);
    const script = "dd if=/dev/zero of=/three bs=1M count=8 2>/dev/null; sync; sleep 1000";
    const container = await host.runtime.createContainer(id, containerConfig(image, ["sh", "-c", script]));
    await host.runtime.startContainer(container);
    const stats = await until(async () => {
      const now = await host.runtime.podSandboxStats(id);
      return (now.containers[0]?.root?.usedBytes ?? 0) >= 8 * mebibyte && now;
    }, "the layer to be counted");
    expect(stats.containers[0]?.root?.usedBytes).toBeLessThan(9 * mebibyte);
    const [volume] = stats.volumes;
    expect(volume?.name).toBe("data");
    expect(Math.round((volume?.fileSystem.usedBytes ?? 0) / mebibyte)).toBe(48);
    expect(volume?.fileSystem.usedInodeCount).toBe(2);
    await host.shell(id, "rm /data/one; sync");
    await until(() => host.bytes(uid) < 24 * mebibyte, "the blocks of the volume to be free");
    await host.runtime.removePodSandbox(id);
    expect(readdirSync(host.disks)).toEqual([]);
  });

  test("keeps volumes and no layers for the Pod's next machine, cloned or booted", async () => {
    const metadata = { namespace: "default", name: "again", uid: crypto.randomUUID(), attempt: 0 };
    const first = await host.run({ metadata });
    await host.shell(first, "echo kept >/data/file; echo gone >/file; chmod 750 /data/file; sync");
    for (const attempt of [1, 2]) {
      // A clone's machine is killed; the third one, which boots, comes after another daemon.
      for (const { pid } of findMachines(host.folder.path, () => true)) process.kill(pid, "SIGKILL");
      const ids = host.runtime.listPodSandboxes().map(({ id }) => id);
      await until(
        () => ids.every((id) => host.runtime.podSandboxStatus(id)?.state === "not-ready"),
        "the machine's end",
      );
      if (attempt === 2) {
        await host.runtime.close();
        await host.start({ cloning: undefined });
      }
      const next = await host.run({ metadata: { ...metadata, attempt } });
      const printed = await host.shell(
        next,
        "cat /data/file; stat -c %a /data/file; ls /file; echo more >>/data/file; sync",
      );
      expect(printed).toBe(
        `kept\n${"more\n".repeat(attempt - 1)}750\nls: /file: No such file or directory\n`,
      );
    }
    const ids = host.runtime.listPodSandboxes().map(({ id }) => id);
    expect(ids).toHaveLength(3);
    await host.runtime.removePodSandbox(ids[0] ?? "");
    expect(readdirSync(host.disks)).toHaveLength(1);
    for (const id of ids) await host.runtime.removePodSandbox(id);
    expect(readdirSync(host.disks)).toEqual([]);
  });
});

test.skipIf(missing !== "")(
  `a Pod runs without a disk where there can be none, and says so${missing}`,
  async () => {
    const host = new Host();
    writeFileSync(host.disks, "");
    await host.start();
    try {
      const config = sandboxConfig(host.folder.path, { imageDiskPaths: [image] });
      const { id, storageProblem } = await host.runtime.runPodSandbox(config, signal);
      expect(storageProblem).toContain("EEXIST");
      await host.runtime.writeVolume(id, data);
      expect(await host.shell(id, "echo here >/data/x; cat /data/x; df /data | tail -n 1")).toMatch(
        /^here\ntmpfs/,
      );
    } finally {
      await host.remove();
    }
  },
);

const unprivileged =
  missing || (process.getuid?.() === 0 ? "" : " (skipped: a small disk needs root to mount)");
test.skipIf(unprivileged !== "")(
  `a host that has no room ends the machine, and the Pod goes on when there is room again${unprivileged}`,
  async () => {
    const host = new Host();
    mkdirSync(host.disks);
    const mount = (...args: string[]) => Bun.spawnSync(["mount", ...args]).exitCode;
    expect(mount("-t", "tmpfs", "-o", "size=48m", "tmpfs", host.disks)).toBe(0);
    await host.start();
    try {
      const metadata = { namespace: "default", name: "full", uid: crypto.randomUUID(), attempt: 0 };
      const id = await host.run({ metadata });
      await host.shell(id, "echo before >/data/before; sync");
      writeFileSync(join(host.disks, "ballast"), Buffer.alloc(44 * mebibyte));
      const flood =
        "while true; do dd if=/dev/zero of=/data/$((i++)) bs=64k count=16; sync; done 2>/dev/null";
      const container = await host.runtime.createContainer(
        id,
        containerConfig(image, ["sh", "-c", flood], {
          mounts: [{ volume: "data", path: "/data", readOnly: false }],
        }),
      );
      await host.runtime.startContainer(container);
      const ended = await until(
        () => {
          const status = host.runtime.podSandboxStatus(id);
          return status?.state === "not-ready" && status;
        },
        "the machine's end",
        60_000,
      );
      expect(ended.reason).toBe("GuestPanic");
      expect(ended.message).toContain("EXT4-fs");
      rmSync(join(host.disks, "ballast"));
      const next = await host.run({ metadata: { ...metadata, attempt: 1 } });
      expect(await host.shell(next, "cat /data/before")).toBe("before\n");
    } finally {
      await host.runtime.close();
      for (const { pid } of findMachines(host.folder.path, () => true)) process.kill(pid, "SIGKILL");
      Bun.spawnSync(["umount", "-l", host.disks]);
      host.folder.remove();
    }
  },
);
