/** How a host joins, and what keeps one from it: each gives one message that says what to do, and exit code 1. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { V1Node } from "../../supervisor/api/generated/types.ts";
import { binary, Cluster, root, run } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { Pods, podManifest } from "../framework/pods.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

requirePrivateNetwork("e2e-host-start");
const cluster = new Cluster(16447);
const pods = new Pods(cluster);
const server = ["--server", `https://127.0.0.1:${cluster.port}`];
const alone = ["--network", "none"];
const sleeping = { imagePullPolicy: "Never", command: ["sleep", "100000"] };
const demo = "pacific.local/demo:latest";
const nobody = 65534;
const asNobody = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];

beforeAll(() => cluster.start());
afterAll(() => cluster.remove());

let refused = 0;

/** Starts a host that must not come up; returns the one line that tells why. */
async function refusal(flags: readonly string[], before: readonly string[] = []): Promise<string> {
  const name = `refused-${refused++}`;
  const host = cluster.startHost(name, flags, before);
  await eventually(`host ${name} has ended`, 60_000, () => host.exitCode !== null);
  const lines = host.log().trim().split("\n");
  expect({ code: host.exitCode, log: lines.slice(0, -1).filter((line) => !isLogLine(line)) }).toEqual({
    code: 1,
    log: [],
  });
  await cluster.removeHost(name);
  return lines.at(-1) ?? "";
}

/** What the daemon's log is made of, beside the last line that says why it ended. */
function isLogLine(line: string): boolean {
  return /^\d{4}-\d\d-\d\dT\S+ (INFO|WARN) /.test(line);
}

async function node(name: string): Promise<V1Node> {
  return JSON.parse((await cluster.kubectl("get", "node", name, "-o", "json")).stdout);
}

describe("a join token", () => {
  const makeAnother = 'make another with "pacific token create" on the supervisor';

  test("that is no token, unknown or another supervisor's is refused", async () => {
    expect(await refusal([...server, ...alone, "--token", "abc"])).toStartWith(
      "Error: Join token of 3 characters is malformed: expected ",
    );
    const [id = "", secret = "", hash = ""] = (await cluster.token()).split(".");
    const unknown = `aaaaaa.${secret}.${hash}`;
    expect(await refusal([...server, ...alone, "--token", unknown])).toBe(
      `Error: Join token aaaaaa is unknown to ${server[1]} or has expired: ${makeAnother}`,
    );
    const foreign = await refusal([...server, ...alone, "--token", `${id}.${secret}.${"0".repeat(64)}`]);
    expect(foreign).toStartWith(`Error: ${server[1]} is not the supervisor that made join token ${id}: `);
  });

  test("that has expired is refused", async () => {
    const token = await cluster.token("--ttl", "1s");
    const [id = ""] = token.split(".");
    await eventually("the token has expired", 60_000, async () => {
      const list = await cluster.must("token", "list", "--kubeconfig", cluster.kubeconfig);
      return list.split("\n").every((line) => !line.startsWith(id) || line.includes("expired"));
    });
    expect(await refusal([...server, ...alone, "--token", token])).toBe(
      `Error: Join token ${id} is unknown to ${server[1]} or has expired: ${makeAnother}`,
    );
  });

  test("for one host lets a second one not in", async () => {
    const token = await cluster.token("--uses", "1");
    cluster.startHost("first", [...server, ...alone, "--token", token]);
    await cluster.nodeReady("first");
    const used = await refusal([...server, ...alone, "--token", token]);
    expect(used).toContain(`Join token ${token.split(".")[0]} is used up (1 of 1 hosts have joined by it)`);
  });
});

describe("a host's name", () => {
  test("is not taken from the host that has it, until an administrator deletes its Node", async () => {
    await cluster.importImage("first", join(root, "dist/images/demo.tar"));
    await pods.run(podManifest("kept", demo, sleeping));
    const token = await cluster.token();
    const flags = [...server, ...alone, "--token", token, "--node-name", "first"];
    expect(await refusal(flags)).toBe(
      'Error: The supervisor refused this host: Node name first belongs to another host: give this one another --node-name, or, if it takes the other one\'s place, delete that with "kubectl delete node first" and join again',
    );
    await cluster.nodeReady("first");
    expect(await pods.exec("kept", "echo", "unharmed")).toBe("unharmed\n");
    await pods.remove("kept");

    const before = (await node("first")).metadata?.uid;
    await cluster.removeHost("first");
    expect((await cluster.kubectl("delete", "node", "first")).stdout).toMatch(/^node "first" deleted/);
    cluster.startHost("heir", flags);
    await cluster.nodeReady("first", "heir");
    expect((await node("first")).metadata?.uid).not.toBe(before);
    await cluster.removeHost("heir");
    await cluster.kubectl("delete", "node", "first");
  });
});

describe("a box that lacks something", () => {
  test("QEMU, or the program that makes disks", async () => {
    const programs = join(cluster.folder, "programs");
    mkdirSync(programs);
    const path = ["env", `PATH=${programs}`];
    const flags = [...server, "--token", await cluster.token()];
    for (const program of ["ip", "nft"]) symlinkSync(Bun.which(program) ?? "", join(programs, program));
    expect(await refusal(flags, path)).toBe(
      "Error: tar2sqfs is not installed, which makes image disks: apt-get install squashfs-tools-ng",
    );
    symlinkSync(Bun.which("tar2sqfs") ?? "", join(programs, "tar2sqfs"));
    expect(await refusal(flags, path)).toBe(
      `Error: QEMU not found: no qemu-system-x86_64 in ${programs}; install it (Debian, Ubuntu: apt-get install qemu-system-x86)`,
    );
  });

  test("root", async () => {
    const flags = [...server, "--token", await cluster.token()];
    expect(await refusal(flags, asNobody)).toBe(
      "Error: The network of Pods needs root, this is user 65534: start as root, or with --network none for Pods without a network",
    );
    chmodSync(cluster.folder, 0o755);
    const folder = await refusal([...flags, ...alone], asNobody);
    expect(folder).toContain(cluster.folder);
    expect(folder).toMatch(/EACCES|permission denied/);
  });

  test("KVM: as root and with --accel kvm it is refused, else the Node says that machines are emulated", async () => {
    // QEMU finds a device that is none of KVM's.
    const hidden = ["unshare", "--mount", "sh", "-c", 'mount --bind /dev/null /dev/kvm && exec "$@"', "sh"];
    const flags = [...server, ...alone, "--token", await cluster.token()];
    if (await Bun.file("/dev/kvm").exists()) {
      const strict = await refusal([...flags, "--accel", "kvm"], hidden);
      expect(strict).toContain("KVM failed its self-test");
      expect(strict).toContain("use --accel auto or tcg to run without KVM");
    }
    cluster.startHost("emulated", flags, (await Bun.file("/dev/kvm").exists()) ? hidden : []);
    await cluster.nodeReady("emulated");
    const { metadata, status } = await node("emulated");
    expect(metadata?.labels?.["pacific.dev/accelerator"]).toBe("tcg");
    const condition = status?.conditions?.find(({ type }) => type === "HardwareVirtualization");
    expect(condition).toMatchObject({ status: "False", reason: "SoftwareEmulation" });
    expect(condition?.message).toMatch(
      /^TCG, because (KVM failed its self-test|\/dev\/kvm cannot be opened)/,
    );
    await cluster.removeHost("emulated");
    await cluster.kubectl("delete", "node", "emulated");
  });
});

describe("--network none", () => {
  test("needs no root and no KVM: Pods run with their loopback alone", async () => {
    const name = "unprivileged";
    mkdirSync(cluster.hostFolder(name));
    chownSync(cluster.hostFolder(name), nobody, nobody);
    chmodSync(cluster.folder, 0o755);
    cluster.startHost(name, [...server, ...alone, "--token", await cluster.token()], asNobody);
    await cluster.nodeReady(name);
    const imported = await run([
      ...[...asNobody, binary, "image", "import", join(root, "dist/images/demo.tar")],
      ...["--data-dir", cluster.hostFolder(name)],
    ]);
    expect(imported.code).toBe(0);
    await pods.run(podManifest("quiet", demo, sleeping, { nodeName: name }));
    const interfaces = (await pods.exec("quiet", "cat", "/proc/net/dev")).match(/^ *\w+:/gm);
    expect(interfaces?.map((line) => line.trim())).toEqual(["lo:"]);
    await pods.remove("quiet");
  });
});

describe("a supervisor's port", () => {
  test("that is in use is named", async () => {
    const second = await run([
      ...[binary, "supervisor", "--data-dir", join(cluster.folder, "second")],
      ...["--listen", `127.0.0.1:${cluster.port}`, "--write-kubeconfig", join(cluster.folder, "second.yaml")],
    ]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(
      `Error: Cannot listen on 127.0.0.1:${cluster.port}: the port is in use: stop what uses it, or choose another with --listen`,
    );
  });
});
