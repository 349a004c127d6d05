/** The walk of the README: needs root, QEMU and dist/ (./install.sh build). */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { Cluster, root } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { podMachinesOf } from "../framework/host-processes.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

requirePrivateNetwork("e2e-hello");
const cluster = new Cluster(16443);

beforeAll(async () => {
  await cluster.start();
  await cluster.addHost("box-1");
  await cluster.importImage("box-1", join(root, "dist/images/demo.tar"));
});

afterAll(() => cluster.remove());

describe("examples/hello.yaml", () => {
  test("runs as a Pod in a virtual machine of its own", async () => {
    expect((await cluster.kubectl("apply", "-f", join(root, "examples/hello.yaml"))).stdout).toBe(
      "pod/hello created\n",
    );
    const waited = await cluster.kubectl("wait", "--for=condition=Ready", "pod/hello", "--timeout=300s");
    expect(waited.stdout).toBe("pod/hello condition met\n");
    const uname = await cluster.kubectl("exec", "hello", "--", "uname", "-r");
    const guestImage = readFileSync(join(root, "dist/guest/manifest.json"), "utf8");
    expect(guestImage).toContain(uname.stdout.trim());
    expect(uname.stdout.trim()).not.toBe(release());
  });

  test("is shown by get and describe as kubectl users know it", async () => {
    const got = await cluster.kubectl("get", "pods");
    expect(got.stdout.split("\n")[0]).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE$/);
    expect(got.stdout.split("\n")[1]).toMatch(/^hello +1\/1 +Running +0 +[\dms]+$/);
    const described = (await cluster.kubectl("describe", "pod", "hello")).stdout;
    for (const text of [
      "Node:             box-1/127.0.0.1",
      "State:          Running",
      "Scheduled",
      "Created",
      "Started",
    ]) {
      expect(described).toContain(text);
    }
  });

  test("gives its log, also while following", async () => {
    expect((await cluster.kubectl("logs", "hello")).stdout).toContain("Hello from");
    const follower = Bun.spawn(
      [cluster.kubectlPath(), "--kubeconfig", cluster.kubeconfig, "logs", "-f", "hello"],
      { stdout: "pipe" },
    );
    const reader = follower.stdout.getReader();
    const first = new TextDecoder().decode((await reader.read()).value);
    expect(first).toContain("Hello from");
    follower.kill();
    await follower.exited;
  });

  test("hands exit codes through exec", async () => {
    const failed = await cluster.kubectl("exec", "hello", "--", "sh", "-c", "exit 7");
    expect(failed.code).toBe(7);
    expect(failed.stderr).toContain("command terminated with exit code 7");
  });

  test("is reachable by its address from the box and through port-forward", async () => {
    const address = (await cluster.kubectl("get", "pod", "hello", "-o", "jsonpath={.status.podIP}")).stdout;
    const direct = await eventually("the address answers", 20_000, () =>
      fetch(`http://${address}:8080/`).then(
        (answer) => answer.text(),
        () => undefined,
      ),
    );
    expect(direct).toContain("Pacific");
    const forward = Bun.spawn(
      [cluster.kubectlPath(), "--kubeconfig", cluster.kubeconfig, "port-forward", "hello", "18080:8080"],
      { stdout: "pipe", stderr: "pipe" },
    );
    const page = await eventually("the forwarded port answers", 20_000, async () =>
      fetch("http://127.0.0.1:18080/").then(
        (answer) => answer.text(),
        () => undefined,
      ),
    );
    expect(page).toContain("Pacific");
    forward.kill();
    await forward.exited;
  });

  test("goes within its grace period and leaves nothing", async () => {
    expect((await cluster.kubectl("delete", "pod", "hello", "--timeout=300s")).stdout).toMatch(
      /^pod "hello" deleted/,
    );
    expect((await cluster.kubectl("get", "pods")).stderr).toBe("No resources found in default namespace.\n");
    await eventually(
      "the machine is gone",
      10_000,
      () => podMachinesOf(cluster.hostFolder("box-1")).length === 0,
    );
  });
});
