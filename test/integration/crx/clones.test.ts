/** Machines that are cloned from a template: each is somebody of its own, and none reaches another or the template. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { closeSync, createReadStream, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import type { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import { MachineDescriptors } from "../../../agent/runtime/crx/jail/machine-descriptors.ts";
import { hotplugBus, hotplugSlots, qmpSocketName } from "../../../agent/runtime/crx/qemu/command-line.ts";
import { connectUnix } from "../../../agent/runtime/crx/qemu/connect-unix.ts";
import { QmpClient } from "../../../agent/runtime/crx/qemu/qmp-client.ts";
import { spawnDetached } from "../../../agent/runtime/crx/qemu/spawn-qemu.ts";
import { plainSecurity } from "../../../agent/runtime/plain-security.ts";
import type { PodSandboxConfig } from "../../../agent/runtime/runtime.ts";
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
import { attempts, captive, jailShell, rootWithShell } from "./jail-fixtures.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const missing = missingForMachines();
const folder = temporaryFolder();
const signal = new AbortController().signal;
const mebibyte = 1 << 20;
let runtime: CrxRuntime;
let disk = "";

beforeAll(async () => {
  if (missing) return;
  disk = busyboxDisk(folder.path);
  ({ runtime } = await realRuntime(folder.path));
});

afterAll(async () => {
  await runtime?.close();
  folder.remove();
});

/** A sandbox with one container that runs a script; `text` waits until its log holds what matches. */
async function start(script: string, change: Partial<PodSandboxConfig> = {}) {
  const logDirectory = join(folder.path, "logs", crypto.randomUUID());
  const config = sandboxConfig(folder.path, { logDirectory, imageDiskPaths: [disk], ...change });
  const { id } = await runtime.runPodSandbox(config, signal);
  const container = await runtime.createContainer(id, containerConfig(disk, ["sh", "-c", script]));
  await runtime.startContainer(container);
  const log = join(logDirectory, "main/0.log");
  const text = (pattern: RegExp): Promise<string> =>
    until(() => (pattern.test(readLog(log)) ? readLog(log) : undefined), `${pattern} in ${log}`, 60_000);
  return { id, container, text };
}

async function output(container: string, command: readonly string[]): Promise<string> {
  const options = { command, tty: false, stdin: false, stdout: true, stderr: false };
  const session = await runtime.exec(container, options);
  return session.stdout ? await textOf(session.stdout) : "";
}

function recordOf(id: string): { readonly start: string; readonly user: number } {
  return JSON.parse(readFileSync(join(folder.path, "sandboxes", id, "sandbox.json"), "utf8"));
}

/** The template's memory, by the descriptor that this process holds. */
function templateMemory(): string {
  const paths = readdirSync("/proc/self/fd").map((fd) => `/proc/self/fd/${fd}`);
  const found = paths.find((path) => {
    try {
      return readlinkSync(path).startsWith("/memfd:pacific-template ");
    } catch {
      return false;
    }
  });
  if (!found) throw new Error("This process holds no template");
  return found;
}

async function checksum(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

describe.skipIf(missing !== "")(`clones${missing}`, () => {
  test("no two draw the same random bytes, and each has its name, its clock and a boot of its own", async () => {
    const script =
      "head -c 32 /dev/urandom | base64; cat /proc/sys/kernel/random/boot_id /proc/sys/kernel/random/uuid; hostname; date +%s; echo end; sleep 1000";
    const names = ["one", "two", "three"];
    const clones = await Promise.all(names.map((hostname) => start(script, { hostname })));
    const texts = await Promise.all(clones.map(({ text }) => text(/end/)));
    const lines = texts.map((text) => text.split("\n"));
    for (const line of [0, 1, 2]) expect(new Set(lines.map((each) => each[line])).size).toBe(names.length);
    expect(lines.map((each) => each[3])).toEqual(names);
    for (const each of lines) expect(Math.abs(Number(each[4]) - Date.now() / 1000)).toBeLessThan(60);
    expect(clones.map(({ id }) => recordOf(id).start)).toEqual(["clone", "clone", "clone"]);
    await Promise.all(clones.map(({ id }) => runtime.removePodSandbox(id)));
  });

  test("one has its memory when its first process starts, and its processors soon after", async () => {
    const script = "free -m | grep Mem; until [ $(nproc) = 2 ]; do sleep 0.1; done; echo two; sleep 1000";
    const clone = await start(script, { memoryBytes: 1024 * mebibyte, cpuCount: 2 });
    const text = await clone.text(/two/);
    expect(recordOf(clone.id).start).toBe("clone");
    expect(Number(text.split(/\s+/)[1])).toBeGreaterThan(980);
    await runtime.removePodSandbox(clone.id);
  });

  test("the control group that a template made is for one container that fits it, and limits it as any other does", async () => {
    const { id } = await runtime.runPodSandbox(sandboxConfig(folder.path), signal);
    const files = ["memory.max", "memory.oom.group", "pids.max", "cpu.weight", "cgroup.procs"];
    const script = `mknod /disk b 254 0; head -c 1 /disk >/dev/null 2>&1 && echo disk; cd /sys/fs/cgroup; cat ${files.join(" ")}; echo end`;
    const outputOf = async (name: string, privileged: boolean): Promise<string> => {
      const logPath = `${id}/${name}.log`;
      const config = containerConfig(disk, ["sh", "-c", script], {
        logPath,
        metadata: { name, attempt: 0 },
        resources: { cpuMillis: 0, cpuWeight: 7, memoryBytes: 50 * mebibyte },
        security: { ...plainSecurity, privileged },
      });
      const container = await runtime.createContainer(id, config);
      await runtime.startContainer(container);
      const log = join(folder.path, "logs", logPath);
      const text = await until(() => /end/.test(readLog(log)) && readLog(log), `the end of ${name}`);
      await until(() => runtime.containerStatus(container)?.state === "exited", `${name} has ended`);
      await runtime.removeContainer(container);
      return text;
    };
    const limits = `${50 * mebibyte}\n1\nmax\n7\n1\n`;
    // One that may open disks first: it leaves the group to the next.
    expect(await outputOf("privileged", true)).toStartWith(`disk\n${50 * mebibyte}\n`);
    expect(await outputOf("first", false)).toStartWith(limits);
    expect(await outputOf("second", false)).toStartWith(limits);
    await runtime.removePodSandbox(id);
  });

  test("more images than a clone has slots for are plugged in", async () => {
    const { id } = await runtime.runPodSandbox(sandboxConfig(folder.path), signal);
    const names = ["a", "b", "c", "d", "e", "f"];
    for (const name of names) {
      const logPath = `${id}/${name}.log`;
      const change = { logPath, metadata: { name, attempt: 0 } };
      const config = containerConfig(busyboxDisk(folder.path, name), ["cat", "/etc/name"], change);
      await runtime.startContainer(await runtime.createContainer(id, config));
      const log = join(folder.path, "logs", logPath);
      await until(() => readLog(log) === `${name}\n`, `the name of image ${name}`);
    }
    await runtime.removePodSandbox(id);
  });

  test("one that overwrites all its memory changes neither the template nor another clone", async () => {
    const before = await checksum(templateMemory());
    const other = await start("head -c 4000000 /dev/urandom > /tmp/a; md5sum /tmp/a; sleep 1000");
    const sum = await other.text(/a\n/);
    const wild = await start(
      "dd if=/dev/urandom of=/all bs=1M count=220 2>&1; rm /all; echo done; sleep 1000",
    );
    await wild.text(/done/);
    expect(await checksum(templateMemory())).toBe(before);
    expect(await output(other.container, ["md5sum", "/tmp/a"])).toBe(sum);
    const third = await start("echo alive");
    await third.text(/alive/);
    await Promise.all([other, wild, third].map(({ id }) => runtime.removePodSandbox(id)));
  });

  test("nobody can write the template, whatever his rights", () => {
    const path = templateMemory();
    const descriptor = openSync(path, "r");
    for (const program of [
      ["dd", "if=/dev/zero", "of=/proc/self/fd/3", "bs=4096", "count=1", "conv=notrunc"],
      ["truncate", "--size=0", "/proc/self/fd/3"],
      ["fallocate", "--punch-hole", "--length", "4096", "/proc/self/fd/3"],
    ]) {
      const run = Bun.spawnSync(program, { stdio: ["ignore", "pipe", "pipe", descriptor] });
      expect(run.exitCode).not.toBe(0);
      expect(run.stderr.toString()).toMatch(/not permitted/);
    }
  });

  test("nor can a process with the user, the rights and the descriptors of a clone's QEMU", async () => {
    const before = await checksum(templateMemory());
    const clone = await start("head -c 4000000 /dev/urandom > /tmp/a; md5sum /tmp/a; sleep 1000");
    const sum = await clone.text(/a\n/);
    const { user } = recordOf(clone.id);
    const root = await rootWithShell(folder.path);
    const template = { descriptor: openSync(templateMemory(), "r"), name: "the template's memory" };
    const descriptors = new MachineDescriptors([template]);
    const script = `exec ${captive} template 3`;
    const shell = jailShell(folder.path, { root, level: "full", user, script, descriptors });
    const tried = Object.entries(attempts(await shell.output));
    closeSync(template.descriptor);
    // Pages of its own are anybody's to write, and from Linux 6.7 on what is sealed may be seen.
    const harmless = ["map a copy", "overwrite the copy", "discard the copy", "open", "see"];
    const done = tried.flatMap(([attempt, what]) => (what === "done" ? [attempt] : []));
    expect(done.filter((attempt) => !harmless.includes(attempt))).toEqual([]);
    expect(tried.map(([attempt]) => attempt)).toContain("truncate");
    expect(await checksum(templateMemory())).toBe(before);
    expect(await output(clone.container, ["md5sum", "/tmp/a"])).toBe(sum);
    await runtime.removePodSandbox(clone.id);
  });

  test("one that gives its memory back changes neither the template nor another clone", async () => {
    const template = openSync(templateMemory(), "r");
    const before = await checksum(`/proc/self/fd/${template}`);
    const other = await start("head -c 4000000 /dev/urandom > /tmp/a; md5sum /tmp/a; sleep 1000");
    const sum = await other.text(/a\n/);
    const wild = await start("echo there; sleep 1000");
    await wild.text(/there/);
    // A balloon is what our machines have none of: what QEMU does for it, its guest's memory being a file, is to punch holes.
    await runtime.close();
    const socket = await connectUnix(join(folder.path, "sandboxes", wild.id), qmpSocketName);
    const qmp = await QmpClient.open(socket);
    const place = { bus: hotplugBus, addr: (hotplugSlots - 1).toString(16) };
    await qmp.execute("device_add", { driver: "virtio-balloon-pci", id: "balloon", ...place });
    const memory = async (): Promise<number> => Object(await qmp.execute("query-balloon")).actual;
    const whole = await memory();
    await qmp.execute("balloon", { value: whole - 8 * mebibyte });
    await until(async () => (await memory()) === whole - 8 * mebibyte, "the memory is given back", 60_000);
    qmp.close();
    const said = readFileSync(join(folder.path, "sandboxes", wild.id, "qemu.log"), "utf8");
    expect(said.includes("Failed to fallocate")).toBe(true);
    expect(await checksum(`/proc/self/fd/${template}`)).toBe(before);
    closeSync(template);
    ({ runtime } = await realRuntime(folder.path));
    expect(await output(other.container, ["md5sum", "/tmp/a"])).toBe(sum);
    await Promise.all([other, wild].map(({ id }) => runtime.removePodSandbox(id)));
  });

  test("where clones fail, machines boot and the host says so", async () => {
    const own = temporaryFolder();
    const { runtime: broken } = await realRuntime(own.path, {
      spawn: (request) =>
        spawnDetached({
          ...request,
          args: request.args.map((arg) => (arg === "defer" ? "fd:99" : arg)),
        }),
    });
    expect(broken.startMode()).toEqual({ kind: "clone", message: "Machines are cloned from a template" });
    // Until there is another template, which may be before the machine has booted.
    const boots = until(() => broken.startMode().kind === "boot" && broken.startMode(), "machines boot");
    const { id } = await broken.runPodSandbox(sandboxConfig(own.path), signal);
    expect(broken.podSandboxStatus(id)?.state).toBe("ready");
    expect((await boots).message).toContain("a clone failed");
    await broken.removePodSandbox(id);
    await broken.close();
    own.remove();
  });
});
