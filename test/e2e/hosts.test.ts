/** Hosts in use: several of them side by side, maintenance, the HTTP API of the README, and a tunnel that is cut. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { V1Node, V1Pod } from "../../supervisor/api/generated/types.ts";
import { binary, Cluster, root, run } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { Pods, podManifest } from "../framework/pods.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

requirePrivateNetwork("e2e-hosts");
const cluster = new Cluster(16448);
const pods = new Pods(cluster);
const archive = join(root, "dist/images/demo.tar");
const sleeping = { imagePullPolicy: "Never", command: ["sleep", "100000"] };

/** A Pod that sleeps. */
function sleeper(name: string, spec: object = {}): object {
  return podManifest(name, "pacific.local/demo:latest", sleeping, spec);
}

beforeAll(async () => {
  await cluster.start();
  for (const name of ["box-1", "box-2"]) {
    await cluster.addHost(name);
    await cluster.importImage(name, archive);
  }
});

afterAll(() => cluster.remove());

async function nodeOf(pod: string): Promise<string> {
  return (await pods.get(pod)).spec?.nodeName ?? "";
}

describe("two hosts on one machine", () => {
  test("run the Pods that the scheduler spreads over them, in networks of their own", async () => {
    const names = ["one", "two", "three", "four"];
    for (const name of names) await cluster.apply(sleeper(name));
    const running: V1Pod[] = [];
    for (const name of names) running.push(await pods.ready(name));
    expect(running.map(({ spec }) => spec?.nodeName).sort()).toEqual(["box-1", "box-1", "box-2", "box-2"]);
    const nodes = JSON.parse((await cluster.kubectl("get", "nodes", "-o", "json")).stdout).items as V1Node[];
    for (const { metadata, spec } of nodes) {
      const prefix = spec?.podCIDR?.replace(/0\/24$/, "") ?? "none";
      const own = running.filter((pod) => pod.spec?.nodeName === metadata?.name);
      expect(own.map(({ status }) => status?.podIP?.startsWith(prefix))).toEqual([true, true]);
    }
    expect(new Set(nodes.map(({ spec }) => spec?.podCIDR)).size).toBe(2);
    const links = (await run(["ip", "-oneline", "link", "show", "type", "bridge"])).stdout.trim();
    expect(links.split("\n")).toHaveLength(2);
    for (const name of names) expect(await pods.exec(name, "hostname")).toBe(`${name}\n`);
    await pods.remove("two", "three", "four");
  });
});

describe("the tunnel of a host", () => {
  const works = async (): Promise<boolean> =>
    (await cluster.kubectl("exec", "one", "--", "echo", "hello")).stdout === "hello\n";

  test("stands again after a restart of the supervisor", async () => {
    expect(await works()).toBe(true);
    await cluster.supervisor.stop();
    await cluster.start();
    await eventually("exec works again", 60_000, works);
  });

  test("stands again after its TCP connection was reset", async () => {
    const table = "inet test-reset";
    const rule = `table ${table} { chain input { type filter hook input priority 0; tcp dport ${cluster.port} counter reject with tcp reset; }; }`;
    // Of this host it is known that its tunnel stands: the other may still be dialling.
    const host = cluster.hosts.get(await nodeOf("one"));
    const breaks = (): number => host?.log().split("Tunnel to the supervisor broke").length ?? 0;
    const before = breaks();
    expect((await run(["nft", "-f", "-"], { input: rule })).stderr).toBe("");
    try {
      await eventually("the tunnel is broken", 60_000, () => breaks() > before);
    } finally {
      await run(["nft", "delete", "table", ...table.split(" ")]);
    }
    await eventually("exec works again", 60_000, works);
    await cluster.nodeReady("box-1");
    await cluster.nodeReady("box-2");
  });
});

describe("a host under maintenance", () => {
  test("gets no Pods while it is cordoned, and may have them again after uncordon", async () => {
    expect((await cluster.kubectl("cordon", "box-1")).stdout).toBe("node/box-1 cordoned\n");
    expect((await cluster.kubectl("get", "node", "box-1")).stdout).toContain("Ready,SchedulingDisabled");
    for (const name of ["two", "three"]) {
      await pods.run(sleeper(name));
      expect(await nodeOf(name)).toBe("box-2");
    }
    expect((await cluster.kubectl("uncordon", "box-1")).stdout).toBe("node/box-1 uncordoned\n");
    await pods.run(sleeper("four", { nodeSelector: { "kubernetes.io/hostname": "box-1" } }));
    expect(await nodeOf("four")).toBe("box-1");
  });

  test("is emptied by kubectl drain, and may leave", async () => {
    const drained = await cluster.kubectl("drain", "box-2", "--force", "--timeout=300s");
    expect(drained.stderr).toContain("declare no controller");
    expect(drained.stdout).toContain("node/box-2 drained");
    const left = await cluster.kubectl("get", "pods", "--field-selector", "spec.nodeName=box-2");
    expect(left.stderr).toBe("No resources found in default namespace.\n");
    await cluster.removeHost("box-2");
    expect((await cluster.kubectl("delete", "node", "box-2")).stdout).toMatch(/^node "box-2" deleted/);
    const nodes = (await cluster.kubectl("get", "nodes", "-o", "name")).stdout.trim().split("\n");
    expect(nodes).toEqual(["node/box-1"]);
  });
});

describe("a host with a kubeconfig", () => {
  test("runs Pods of that cluster", async () => {
    cluster.startHost("guest", ["--kubeconfig", cluster.kubeconfig]);
    await cluster.nodeReady("guest");
    await cluster.importImage("guest", archive);
    await cluster.apply(sleeper("visitor", { nodeName: "guest" }));
    expect((await pods.ready("visitor")).status?.phase).toBe("Running");
    await pods.remove("visitor");
    await cluster.removeHost("guest");
    await cluster.kubectl("delete", "node", "guest");
  });
});

/** Last: the README's commands delete what is there. */
describe("the README's commands for the HTTP API", () => {
  const folder = join(cluster.folder, "readme");

  /** The README's blocks of commands, with this cluster's kubeconfig and address in the place of the usual ones. */
  function blocks(): string[] {
    const readme = readFileSync(join(root, "README.md"), "utf8");
    const section = readme.split("\n## ").find((text) => text.startsWith("Hosts through the HTTP API")) ?? "";
    return [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, commands = ""]) =>
      commands
        .replaceAll("/etc/pacific/kubeconfig.yaml", cluster.kubeconfig)
        .replaceAll("127.0.0.1:6443", `127.0.0.1:${cluster.port}`),
    );
  }

  async function bash(commands: string): Promise<string> {
    mkdirSync(folder, { recursive: true });
    const pacific = `pacific() { PACIFIC_KUBECONFIG=${cluster.kubeconfig} ${binary} "$@"; }`;
    const script = `set -euo pipefail; cd ${folder}; ${pacific}\n${commands}`;
    const done = await run(["bash", "-c", script]);
    expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    expect(done.stdout).not.toContain('"Failure"');
    return done.stdout;
  }

  test("list, cordon, empty, remove and register", async () => {
    await pods.run(sleeper("hello"));
    const [access = "", managing = "", registering = "", ...more] = blocks();
    expect(more).toEqual([]);
    const managed = await bash(access + managing);
    for (const text of ['"kind":"NodeList"', '"unschedulable":true', '"kind":"PodList"', '"name":"hello"']) {
      expect(managed.replaceAll(/\s/g, "")).toContain(text);
    }
    expect((await cluster.kubectl("get", "node", "box-1")).stderr).toContain('nodes "box-1" not found');
    await eventually("hello is gone", 60_000, async () =>
      (await cluster.kubectl("get", "pod", "hello")).stderr.includes('pods "hello" not found'),
    );
    const registered = await bash(access + registering);
    expect(registered).toContain("certificates.k8s.io/v1");
    expect(registered.replaceAll(/\s/g, "")).toContain('"kind":"LeaseList"');
    const csr = await cluster.kubectl("get", "csr", "box-9");
    expect(csr.stdout).toMatch(/Approved/);
  });
});
