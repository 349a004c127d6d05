/** Folders of the host in a real machine, served by the file server and mounted by the guest's own kernel. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import type { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import { findMachines } from "../../../agent/runtime/crx/qemu/find-machines.ts";
import type { HostVolume } from "../../../agent/runtime/mounted-volume.ts";
import type { ContainerConfig } from "../../../agent/runtime/runtime.ts";
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
import { openDescriptors, statusOf } from "./jail-fixtures.ts";

setDefaultTimeout(600_000);

const isRoot = process.getuid?.() === 0;
const missing = missingForMachines() || (isRoot ? "" : " (skipped: needs root)");
const folder = temporaryFolder();
const shared = join(folder.path, "shared");
const fixed = join(folder.path, "fixed");
const single = join(folder.path, "single");
const volumes: readonly HostVolume[] = [
  { kind: "host", name: "shared", path: shared, readOnly: false },
  { kind: "host", name: "fixed", path: fixed, readOnly: true },
  { kind: "host", name: "single", path: single, readOnly: false },
];
const mounts = volumes.map(({ name }) => ({ volume: name, path: `/mnt/${name}`, readOnly: false }));
let runtime: CrxRuntime;
let disk: string;
let sandboxId: string;
let containers = 0;

beforeAll(async () => {
  if (missing) return;
  for (const each of [shared, fixed]) mkdirSync(each);
  writeFileSync(join(fixed, "kept"), "kept\n");
  writeFileSync(single, "one file\n");
  ({ runtime } = await realRuntime(folder.path));
  disk = busyboxDisk(folder.path);
  const config = sandboxConfig(folder.path, { imageDiskPaths: [disk] });
  sandboxId = (await runtime.runPodSandbox(config, new AbortController().signal)).id;
  await runtime.mountVolumes(sandboxId, volumes);
});

afterAll(async () => {
  for (const { id } of runtime?.listPodSandboxes() ?? []) await runtime.removePodSandbox(id);
  await runtime?.close();
  folder.remove();
});

async function start(script: string, change: Partial<ContainerConfig> = {}): Promise<[string, string]> {
  containers += 1;
  const name = `c${containers}`;
  const config = containerConfig(disk, ["sh", "-c", script], {
    metadata: { name, attempt: 0 },
    logPath: `${name}/0.log`,
    mounts,
    ...change,
  });
  const id = await runtime.createContainer(sandboxId, config);
  await runtime.startContainer(id);
  return [id, join(folder.path, "logs", config.logPath)];
}

/** What a script prints, until it has ended. */
async function output(script: string, change: Partial<ContainerConfig> = {}): Promise<string> {
  const [id, log] = await start(script, change);
  await until(() => runtime.containerStatus(id)?.state === "exited", "the container's end");
  return readLog(log);
}

/** Their pids. */
function fileServers(): string {
  return Bun.spawnSync(["pgrep", "-f", `file-server ${folder.path}`])
    .stdout.toString()
    .trim();
}

test.skipIf(missing !== "")(`a container reads and writes what the host has${missing}`, async () => {
  writeFileSync(join(shared, "from-host"), "hello\n");
  symlinkSync("from-host", join(shared, "link"));
  const script = `cd /mnt/shared; cat from-host link ../single ../fixed/kept
    echo more >> from-host; mkdir -p deep/er; echo deep > deep/er/file; mv deep/er/file deep/moved; ln deep/moved deep/again
    chmod 600 deep/moved; chown 100:101 deep/moved; ln -s /etc/passwd escape; readlink escape; ls deep; rm deep/again
    dd if=/dev/zero of=big bs=64k count=64 2>/dev/null; stat -c %s big; echo changed > ../single`;
  expect(await output(script)).toBe("hello\nhello\none file\nkept\n/etc/passwd\nagain\ner\nmoved\n4194304\n");
  expect(readFileSync(join(shared, "from-host"), "utf8")).toBe("hello\nmore\n");
  expect(statSync(join(shared, "deep/moved"))).toMatchObject({ uid: 100, gid: 101, nlink: 1 });
  expect(statSync(join(shared, "deep/moved")).mode & 0o777).toBe(0o600);
  expect(statSync(join(shared, "big")).size).toBe(4 << 20);
  expect(readFileSync(single, "utf8")).toBe("changed\n");
});

test.skipIf(missing !== "")(`what the host changes is seen at once, both ways${missing}`, async () => {
  const script =
    "while ! [ -e /mnt/shared/go ]; do sleep 0.05; done; cat /mnt/shared/go; touch /mnt/shared/gone";
  const [id, log] = await start(script);
  writeFileSync(join(shared, "go"), "now\n");
  await until(() => existsSync(join(shared, "gone")), "the container's file");
  await until(() => runtime.containerStatus(id)?.state === "exited", "the container's end");
  expect(readLog(log)).toBe("now\n");
});

test.skipIf(missing !== "")(`owners and modes count, and read-only is read-only${missing}`, async () => {
  writeFileSync(join(shared, "secret"), "secret\n", { mode: 0o600 });
  mkdirSync(join(shared, "open"));
  chmodSync(join(shared, "open"), 0o777);
  const security = { ...containerConfig(disk, []).security, user: "100:101" };
  const script =
    "cat /mnt/shared/secret; touch /mnt/shared/no; touch /mnt/shared/open/mine; touch /mnt/fixed/new; ls /mnt/shared/open";
  const said = await output(script, { security });
  expect(said).toContain("can't open '/mnt/shared/secret': Permission denied");
  expect(said).toContain("/mnt/shared/no: Permission denied");
  expect(said).toContain("/mnt/fixed/new: Read-only file system");
  expect(statSync(join(shared, "open/mine"))).toMatchObject({ uid: 100, gid: 101 });
});

test.skipIf(missing !== "")(`a program is executed from there${missing}`, async () => {
  const script = "mkdir /mnt/shared/bin; cp /bin/busybox /mnt/shared/bin/; /mnt/shared/bin/busybox echo ran";
  expect(await output(script)).toBe("ran\n");
});

test.skipIf(missing !== "")(`QEMU has none of it: its server alone has, and nothing beside${missing}`, () => {
  const [machine] = findMachines(folder.path, () => true);
  const linksOf = (pid: number): string[] => openDescriptors(pid).map(({ to }) => to);
  const mountsOf = (pid: number): string =>
    readFileSync(`/proc/${pid}/mountinfo`, "utf8").replaceAll(/^(\S+ ){3}(\S+) (\S+) .*$/gm, "$2 $3");
  const shares = [shared, fixed, single];
  const qemu = machine?.pid ?? 0;
  const seen = [...linksOf(qemu), mountsOf(qemu)].join("\n");
  for (const share of shares) expect(seen).not.toContain(share);

  const servers = fileServers();
  expect(servers).toMatch(/^\d+$/);
  const server = Number(servers);
  expect(mountsOf(server).trim().split("\n").length).toBe(2 + shares.length);
  for (const share of shares) expect(mountsOf(server)).toContain(`${share} /export/`);
  const links = linksOf(server).filter((to) => to.startsWith("/") && to !== "/dev/null");
  const log = join(folder.path, "sandboxes", sandboxId, "qemu.log");
  for (const to of links) expect(to === log || to.startsWith("/export")).toBe(true);
  expect(statusOf(server).get("CapEff")).toBe("000000000000001f");
  expect(statusOf(server).get("Seccomp")).toBe("2");
  const networkOf = (pid: number | string): string => readlinkSync(`/proc/${pid}/ns/net`);
  expect(new Set([networkOf("self"), networkOf(qemu), networkOf(server)]).size).toBe(3);
});

test.skipIf(missing !== "")(`shares outlive the daemon, and end with the machine${missing}`, async () => {
  const script = "while ! [ -e /mnt/shared/end ]; do sleep 0.05; done; echo ended > /mnt/shared/result";
  await start(script);
  await runtime.close();
  writeFileSync(join(shared, "end"), "");
  await until(() => existsSync(join(shared, "result")), "what the container wrote without a daemon");
  ({ runtime } = await realRuntime(folder.path));
  await runtime.mountVolumes(sandboxId, volumes);
  expect(await output("cat /mnt/shared/result")).toBe("ended\n");
  await runtime.removePodSandbox(sandboxId);
  await until(() => fileServers() === "", "the file server's end");
});

test.skipIf(missing !== "")(
  `a server that does not answer holds up who asks it, and nobody else${missing}`,
  async () => {
    const config = sandboxConfig(folder.path, { imageDiskPaths: [disk] });
    ({ id: sandboxId } = await runtime.runPodSandbox(config, new AbortController().signal));
    await runtime.mountVolumes(sandboxId, volumes);
    expect((await runtime.readVolumeFile(sandboxId, "shared", "result"))?.toString()).toBe("ended\n");
    await runtime.prepareSubPath(sandboxId, "shared", "made/here");
    expect(existsSync(join(shared, "made/here"))).toBe(true);
    const [id] = await start("sleep 1000");
    const server = fileServers();
    process.kill(Number(server), "SIGSTOP");
    const hanging = [
      runtime.readVolumeFile(sandboxId, "shared", "go"),
      runtime.prepareSubPath(sandboxId, "shared", "made/there"),
    ].map((promise) => promise.then(() => "answered", String));
    const options = { command: ["echo", "here"], tty: false, stdin: false, stdout: true, stderr: false };
    const session = await runtime.exec(id, options);
    expect(session.stdout && (await textOf(session.stdout))).toBe("here\n");
    await runtime.podSandboxStats(sandboxId);
    for (const each of await Promise.all(hanging)) expect(each).toContain("did not answer within 10 s");
    const again = await runtime.readVolumeFile(sandboxId, "shared", "go").catch(String);
    expect(again).toContain("a process hangs in it");
    process.kill(Number(server), "SIGCONT");
    const read = () => runtime.readVolumeFile(sandboxId, "shared", "go").catch(() => undefined);
    expect((await until(read, "the server's answer")).toString()).toBe("now\n");
    await runtime.removePodSandbox(sandboxId);
  },
);
