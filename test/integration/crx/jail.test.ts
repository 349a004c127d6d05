/**
 * What a QEMU sees and can do that has been taken over: a shell in its place, in the same jail; and the real one, looked
 * at from outside.
 */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import { MachineDescriptors } from "../../../agent/runtime/crx/jail/machine-descriptors.ts";
import { findMachines } from "../../../agent/runtime/crx/qemu/find-machines.ts";
import {
  busyboxDisk,
  containerConfig,
  missingForMachines,
  realRuntime,
  sandboxConfig,
  temporaryFolder,
  until,
} from "./fixtures.ts";
import { attempts, captive, jailShell, openDescriptors, rootWithShell, statusOf } from "./jail-fixtures.ts";

setDefaultTimeout(600_000);

const noRoot = process.getuid?.() === 0 ? "" : " (skipped: not root)";
const missing = missingForMachines() || noRoot;
const folder = temporaryFolder();
const signal = new AbortController().signal;
const first = 1_899_000_001;
const second = 1_899_000_002;
/** Where cgroup v2 is, with or without controllers. */
const cgroupMount = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].find((mount) =>
  existsSync(join(mount, "cgroup.controllers")),
);
const noRights = "0000000000000000";
const namespaces = ["mnt", "net", "ipc", "uts", "cgroup"] as const;

afterAll(() => folder.remove());

/** The answers to commands, each in its own process of the jailed shell. */
async function ask(commands: readonly string[], descriptors?: MachineDescriptors): Promise<string[]> {
  const root = await rootWithShell(folder.path);
  const script = commands.map((command) => `(${command}) </dev/null; echo "=== $?"`).join("\n");
  const shell = jailShell(folder.path, {
    root,
    level: "full",
    user: first,
    script,
    ...(descriptors && { descriptors }),
  });
  const answers = (await shell.output).split(/=== (\d+)\n/);
  return commands.map((_, at) => `${answers[2 * at + 1]} ${answers[2 * at]?.trim() ?? ""}`);
}

const bb = "/bin/busybox";

describe.skipIf(missing !== "")(`a QEMU that was taken over${missing}`, () => {
  test("is nobody: no user of the host, no group, no right, nothing of the daemon's environment", async () => {
    process.env.PACIFIC_HOST_TOKEN = "secret";
    const [identity, environment, setuid, chown, mknod] = await ask([
      `${bb} id -u; ${bb} id -G`,
      `${bb} env`,
      `${bb} setpriv --nnp ${bb} su -s ${bb} -c id`,
      `${bb} chown 0 /dev/null`,
      `${bb} mknod /dev/sda b 8 0`,
    ]);
    delete process.env.PACIFIC_HOST_TOKEN;
    expect(identity).toBe(`0 ${first}\n${first}`);
    expect(environment).not.toContain("secret");
    for (const refused of [setuid, chown, mknod]) expect(refused).not.toStartWith("0 ");
  });

  test("sees no file of the host, and none of other machines", async () => {
    const secret = join(folder.path, "secret");
    writeFileSync(secret, "secret", { mode: 0o666 });
    const [root, host, passwd, processes, images, mounted] = await ask([
      `${bb} ls /`,
      `${bb} cat ${secret}`,
      `${bb} cat /etc/passwd`,
      `${bb} ls /proc`,
      `${bb} ls /guest`,
      `${bb} cat /proc/self/fd/../../mounts /proc/1/cmdline`,
    ]);
    expect(root).toBe("0 bin\ndev\netc\nguest\nlib\nlib64\nproc\nusr");
    expect(host).toContain("No such file or directory");
    expect(passwd).toContain("No such file or directory");
    expect(processes).toBe("0 self");
    expect(images).toContain("vmlinux");
    expect(mounted).not.toStartWith("0 ");
  });

  test("can write nothing: no folder, no program, no kernel, no disk that it reads", async () => {
    const disk = join(folder.path, "disk");
    writeFileSync(disk, "disk", { mode: 0o666 });
    chmodSync(disk, 0o644);
    const descriptors = new MachineDescriptors();
    const number = descriptors.read(disk);
    const places = [
      "/x",
      "/tmp/x",
      "/dev/x",
      "/usr/bin/qemu-system-x86_64",
      "/guest/vmlinux",
      "/guest/x",
      "/bin/busybox",
    ];
    const [read, written, reopened, ...refused] = await ask(
      [
        `${bb} head -c 4 <&${number}`,
        `echo x >&${number}`,
        `echo x >/proc/self/fd/${number}`,
        ...places.map((place) => `echo x >>${place}`),
        `${bb} mount -t tmpfs none /usr`,
        `${bb} mount -o remount,rw /`,
        `${bb} chroot /usr ${bb}`,
        `${bb} unshare -Um ${bb} true`,
      ],
      descriptors,
    );
    expect(read).toBe("0 disk");
    for (const answer of [written, reopened, ...refused]) expect(answer).not.toStartWith("0 ");
    expect(reopened).toContain("Permission denied");
    expect(readFileSync(disk, "utf8")).toBe("disk");
  });

  test("reaches no network, and neither signals nor sees other processes", async () => {
    const root = await rootWithShell(folder.path);
    const other = jailShell(folder.path, {
      root,
      level: "full",
      user: second,
      script: `exec ${bb} sleep 1000`,
    });
    try {
      await until(() => statusOf(other.pid).get("Uid")?.startsWith(`${second}`), "the other jail stands");
      const [inet, links, trace, kill, killUs] = await ask([
        `${bb} nc -w 1 127.0.0.1 22`,
        `${bb} ls /sys/class/net; ${bb} ifconfig -a`,
        `${bb} ls /proc/${other.pid}`,
        `${bb} kill -9 ${other.pid}`,
        `${bb} kill -0 ${process.pid}`,
      ]);
      expect(inet).toContain("Operation not permitted");
      expect(links).not.toStartWith("0 ");
      for (const refused of [kill, killUs]) expect(refused).toContain("Operation not permitted");
      expect(trace).toContain("No such file or directory");
      expect(statusOf(other.pid).get("State")).not.toContain("Z");
    } finally {
      await other.end();
    }
  });

  test("has no call of the kernel that leads further", async () => {
    const [said = ""] = await ask([`${captive} calls`]);
    const refused = Object.entries(attempts(said.slice(2)));
    expect(refused.length).toBeGreaterThan(10);
    for (const [call, what] of refused)
      expect({ call, what }).toEqual({ call, what: "Operation not permitted" });
  });

  test("finds neither sockets without a file nor shared memory of anybody", async () => {
    const root = await rootWithShell(folder.path);
    const names = [`pacific-test-${process.pid}`, `${process.pid}`];
    const keeper = Bun.spawn([join(root, captive), "keep", ...names], { stdin: "pipe", stdout: "pipe" });
    try {
      const { value = new Uint8Array() } = await keeper.stdout.getReader().read();
      expect(Buffer.from(value).toString()).toBe("kept: done\n");
      const outside = Bun.spawnSync([join(root, captive), "find", ...names]).stdout.toString();
      expect(attempts(outside)).toEqual({ socket: "done", memory: "done" });
      const [inside = ""] = await ask([`${captive} find ${names.join(" ")}`]);
      const [refused, none] = ["Connection refused", "No such file or directory"];
      expect(attempts(inside.slice(2))).toEqual({ socket: refused, memory: none });
    } finally {
      keeper.stdin.end();
      await keeper.exited;
    }
  });

  test.skipIf(cgroupMount === undefined)(
    "is in the control group of its machine before it runs, and the group goes after it",
    async () => {
      const group = join(cgroupMount ?? "", `pacific-test-${process.pid}`);
      mkdirSync(group);
      const root = await rootWithShell(folder.path);
      const script = `exec ${bb} sleep 1000`;
      const shell = jailShell(folder.path, { root, level: "full", user: first, script, cgroup: group });
      try {
        await until(() => statusOf(shell.pid).get("Uid")?.startsWith(`${first}`), "the jail stands");
        expect(readFileSync(join(group, "cgroup.procs"), "utf8")).toBe(`${shell.pid}\n`);
      } finally {
        await shell.end();
      }
      rmdirSync(group);
    },
  );

  test("fills no disk with what it writes into its log", async () => {
    const log = join(folder.path, "log");
    writeFileSync(log, "");
    const root = await rootWithShell(folder.path);
    const script = `${bb} yes | ${bb} head -c 8000000 >&3`;
    const descriptors = new MachineDescriptors([{ descriptor: openSync(log, "a"), name: "log" }]);
    const shell = jailShell(folder.path, { root, level: "full", user: first, script, descriptors });
    await shell.output;
    expect(statSync(log).size).toBe(1 << 20);
  });
});

describe.skipIf(missing !== "")(`the jail of a real machine${missing}`, () => {
  let runtime: CrxRuntime;

  async function start(): Promise<{ id: string; pid: number; uid: string }> {
    const before = new Set(findMachines(folder.path, () => true).map(({ pid }) => pid));
    const disk = busyboxDisk(folder.path);
    const config = sandboxConfig(folder.path, { imageDiskPaths: [disk] });
    const uid = `pod-${before.size}`;
    const { id } = await runtime.runPodSandbox({ ...config, metadata: { ...config.metadata, uid } }, signal);
    const pid = findMachines(folder.path, () => true).find((machine) => !before.has(machine.pid))?.pid;
    if (pid === undefined) throw new Error("There is no QEMU");
    return { id, pid, uid };
  }

  test("has rights, namespaces, root and descriptors of its own, and leaves nothing", async () => {
    const mountsBefore = readFileSync("/proc/self/mounts", "utf8");
    ({ runtime } = await realRuntime(folder.path));
    const machines = [await start(), await start()] as const;
    const users = machines.map(({ pid }) => statusOf(pid).get("Uid")?.split(" ")[0]);
    expect(new Set(users).size).toBe(2);
    for (const [at, { id, pid }] of machines.entries()) {
      const status = statusOf(pid);
      const user = users[at] ?? "";
      expect(Number(user)).toBeGreaterThanOrEqual(1_900_000_000);
      expect(status.get("Uid")).toBe([user, user, user, user].join(" "));
      expect(status.get("Gid")).toBe([user, user, user, user].join(" "));
      expect(status.get("Groups")).toBe("");
      for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
        expect(status.get(set)).toBe(noRights);
      expect(status.get("NoNewPrivs")).toBe("1");
      // The jailer's filter, and QEMU's own.
      expect(Number(status.get("Seccomp_filters"))).toBeGreaterThanOrEqual(2);
      const record = JSON.parse(readFileSync(join(folder.path, "sandboxes", id, "sandbox.json"), "utf8"));
      expect(record).toMatchObject({ user: Number(user), process: { pid } });
    }
    for (const name of namespaces) {
      const all = [process.pid, ...machines.map(({ pid }) => pid)].map((pid) =>
        readlinkSync(`/proc/${pid}/ns/${name}`),
      );
      expect(new Set(all).size).toBe(3);
    }
    for (const { id, pid, uid } of machines) {
      const mounts = readFileSync(`/proc/${pid}/mountinfo`, "utf8").trimEnd().split("\n");
      expect(mounts.map((line) => line.split(" ")[4])).toEqual(["/", "/dev", "/proc/self/fd", "/guest"]);
      const writable = mounts.filter((line) => !line.split(" ")[5]?.split(",").includes("ro"));
      expect(writable.map((line) => line.split(" ")[4])).toEqual(["/proc/self/fd"]);
      expect(readdirSync(`/proc/${pid}/root/dev`).sort()).toEqual(["null", "urandom"]);
      expect(existsSync(`/proc/${pid}/root/bin`)).toBe(false);
      expect(readlinkSync(`/proc/${pid}/cwd`)).toBe(readlinkSync(`/proc/${pid}/root`));
      const files = openDescriptors(pid).filter(
        ({ to }) => to.startsWith("/") && !to.startsWith("/dev/") && !to.startsWith("/memfd"),
      );
      const podDisk = join(folder.path, "pod-disks", `${uid}.ext4`);
      expect(files.map(({ to }) => to)).toContain(podDisk);
      for (const { to, flags } of files) {
        const isOwn = to === join(folder.path, "sandboxes", id, "qemu.log") || to === podDisk;
        expect({ to, isWritten: (flags & 3) !== 0 }).toEqual({ to, isWritten: isOwn });
        // What others have too is their images.
        if (!isOwn) expect(to).toBe(join(folder.path, "busybox.squashfs"));
      }
      const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
      expect(limits).toMatch(/Max core file size +0 +0/);
      expect(limits).toMatch(/Max file size +(\d+) +\1/);
      expect(limits).toContain(` ${statSync(podDisk).size} `);
      expect(readFileSync(`/proc/${pid}/environ`, "utf8").split("\0")[0]).toBe("PATH=/usr/bin:/bin");
    }
    for (const { id } of machines) await runtime.removePodSandbox(id);
    expect(readFileSync("/proc/self/mounts", "utf8")).toBe(mountsBefore);
    expect(findMachines(folder.path, () => true)).toEqual([]);
    await runtime.close();
  });

  test("a disk that comes later is there for reading alone, and its store stays out of sight", async () => {
    ({ runtime } = await realRuntime(folder.path));
    const { id, pid } = await start();
    const later = busyboxDisk(folder.path, "later");
    const container = await runtime.createContainer(id, containerConfig(later, ["cat", "/etc/name"]));
    await runtime.startContainer(container);
    await until(() => runtime.containerStatus(container)?.state === "exited", "the container has ended");
    expect(runtime.containerStatus(container)?.exitCode).toBe(0);
    const open = openDescriptors(pid).filter(({ to }) => to.startsWith(later));
    expect(open.length).toBeGreaterThan(0);
    for (const { flags } of open) expect(flags & 3).toBe(0);
    expect(existsSync(`/proc/${pid}/root${later}`)).toBe(false);
    await runtime.removePodSandbox(id);
    await runtime.close();
  });
});

describe.skipIf(missing !== "")(`a host without root${missing}`, () => {
  const nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];

  test("jails in a user namespace, where nobody else is", async () => {
    chmodSync(folder.path, 0o755);
    const home = join(folder.path, "home");
    mkdirSync(home, { mode: 0o777 });
    chmodSync(home, 0o777);
    const root = await rootWithShell(folder.path);
    for (const above of ["..", "../.."]) chmodSync(join(root, above), 0o755);
    const script = `${bb} ls /; ${bb} id -u; ${bb} ls /proc; echo x >/dev/x; exec ${bb} sleep 1000`;
    const shell = jailShell(home, { root, level: "namespaces", user: 0, script, before: nobody });
    try {
      const commandLine = (): string => readFileSync(`/proc/${shell.pid}/cmdline`, "utf8");
      await until(() => commandLine().endsWith("sleep\x001000\0"), "the script is at its end");
      expect(statusOf(shell.pid).get("CapEff")).toBe(noRights);
      expect(statusOf(shell.pid).get("CapBnd")).toBe(noRights);
      for (const name of [...namespaces, "user"] as const)
        expect(readlinkSync(`/proc/${shell.pid}/ns/${name}`)).not.toBe(readlinkSync(`/proc/self/ns/${name}`));
    } finally {
      await shell.end();
    }
    expect(await shell.output).toBe(
      "bin\ndev\netc\nguest\nlib\nlib64\nproc\nusr\n65534\nself\nsh: can't create /dev/x: Read-only file system\n",
    );
  });
});
