/** What is killed, and what must be true afterwards. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import { Cluster, root } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { podMachinesOf } from "../framework/host-processes.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

requirePrivateNetwork("e2e-faults");
const cluster = new Cluster(16445);
const node = "box-1";

beforeAll(async () => {
  await cluster.start();
  await cluster.addHost(node);
  await cluster.importImage(node, join(root, "dist/images/demo.tar"));
});

afterAll(() => cluster.remove());

function manifest(name: string, script: string, more: object = {}): object {
  const container = {
    name: "main",
    image: "pacific.local/demo:latest",
    imagePullPolicy: "Never",
    command: ["sh", "-c", script],
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 1, containers: [{ ...container, ...more }] },
  };
}

async function pod(name: string): Promise<V1Pod> {
  const result = await cluster.kubectl("get", "pod", name, "-o", "json");
  if (result.code !== 0) throw new Error(result.stderr);
  return JSON.parse(result.stdout);
}

async function running(name: string): Promise<void> {
  const waited = await cluster.kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=300s");
  if (waited.code !== 0) throw new Error(`${waited.stderr} ${JSON.stringify((await pod(name)).status)}`);
}

/** Those of Pods; a template comes and goes by itself. */
function machines(): number[] {
  const ofPods = podMachinesOf(cluster.hostFolder(node));
  return ofPods.map(({ pid }) => pid).sort((a, b) => a - b);
}

async function removed(name: string): Promise<void> {
  await cluster.kubectl("delete", "pod", name, "--timeout=300s");
}

describe("a host daemon that is killed", () => {
  test("leaves the Pods running, loses no log line and is made good at the next start", async () => {
    await cluster.apply(
      manifest("counter", "i=0; while true; do i=$((i+1)); echo line-$i; usleep 2000; done"),
    );
    await running("counter");
    const before = machines();
    const host = cluster.hosts.get(node)!;
    for (let round = 0; round < 3; round += 1) {
      await host.stop("SIGKILL");
      expect(machines()).toEqual(before);
      host.start();
      await eventually(
        "exec works again",
        60_000,
        async () => (await cluster.kubectl("exec", "counter", "--", "true")).code === 0,
      );
    }
    expect(machines()).toEqual(before);
    expect((await pod("counter")).status?.containerStatuses?.[0]?.restartCount).toBe(0);
    const log = (await cluster.kubectl("logs", "counter")).stdout.trim().split("\n");
    const first = Number(log[0]?.slice(5));
    expect(log).toEqual(log.map((_, index) => `line-${first + index}`));
    await removed("counter");
  });

  test("misses no exit that happened while it was away", async () => {
    await cluster.apply({
      ...manifest(
        "brief",
        "cat /proc/uptime; while ! test -e /tmp/go; do usleep 10000; done; sleep 1; exit 9",
      ),
    });
    await running("brief");
    await cluster.kubectl("exec", "brief", "--", "touch", "/tmp/go");
    const host = cluster.hosts.get(node)!;
    await host.stop("SIGKILL");
    await Bun.sleep(1); // the container exits by itself meanwhile; the start below takes longer than its last second
    host.start();
    const status = await eventually("the exit is in the status", 60_000, async () => {
      const container = (await pod("brief")).status?.containerStatuses?.[0];
      return container?.lastState?.terminated ?? container?.state?.terminated;
    });
    expect(status).toMatchObject({ exitCode: 9, reason: "Error" });
    await removed("brief");
  });
});

describe("a machine that dies", () => {
  test("is a container that died: the Pod gets a new one, by its restart policy", async () => {
    await cluster.apply(manifest("victim", "echo started; exec sleep 100000"));
    await running("victim");
    const [machine] = machines();
    process.kill(machine!, "SIGKILL");
    await eventually("the Pod runs again", 90_000, async () => {
      const container = (await pod("victim")).status?.containerStatuses?.[0];
      return container?.state?.running !== undefined && container.restartCount === 1;
    });
    expect(machines()).toHaveLength(1);
    expect(machines()).not.toContain(machine);
    await removed("victim");
  });

  test("a guest kernel that panics ends its own Pod alone", async () => {
    await cluster.apply(manifest("calm", "exec sleep 100000"));
    const script =
      "echo 2 >/proc/sys/vm/panic_on_oom; while ! test -e /tmp/go; do usleep 50000; done; dd if=/dev/zero of=/dev/null bs=200M count=1";
    const privileged = {
      securityContext: { privileged: true, runAsUser: 0 },
      resources: { limits: { memory: "64Mi" } },
    };
    await cluster.apply(manifest("panic", script, privileged));
    await running("calm");
    await running("panic");
    await cluster.kubectl("exec", "panic", "--", "touch", "/tmp/go");
    const container = await eventually("the Pod that panicked runs anew", 90_000, async () => {
      const status = (await pod("panic")).status?.containerStatuses?.[0];
      return status?.state?.running && status.restartCount > 0 ? status : undefined;
    });
    expect(container.lastState?.terminated?.exitCode).toBe(137);
    const events = await cluster.kubectl("get", "events", "--field-selector", "involvedObject.name=panic");
    expect(events.stdout).toContain("SandboxChanged");
    expect((await pod("calm")).status?.containerStatuses?.[0]?.restartCount).toBe(0);
    await removed("panic");
    await removed("calm");
  });
});

describe("a container", () => {
  test("that uses too much memory is OOMKilled, with the reason in its status", async () => {
    const limits = { resources: { limits: { memory: "32Mi" } } };
    await cluster.apply(manifest("hungry", "dd if=/dev/zero of=/dev/null bs=200M count=1", limits));
    const state = await eventually("the container was killed", 60_000, async () => {
      const container = (await pod("hungry")).status?.containerStatuses?.[0];
      return container?.lastState?.terminated ?? container?.state?.terminated;
    });
    expect(state).toMatchObject({ reason: "OOMKilled", exitCode: 137 });
    await removed("hungry");
  });

  test("that fails is restarted with a growing back-off, and its last log is kept", async () => {
    await cluster.apply(manifest("crash", "echo attempt at $(cat /proc/uptime); exit 3"));
    await eventually(
      "it waits in CrashLoopBackOff",
      90_000,
      async () =>
        (await pod("crash")).status?.containerStatuses?.[0]?.state?.waiting?.reason === "CrashLoopBackOff",
    );
    const container = (await pod("crash")).status?.containerStatuses?.[0];
    expect(container?.restartCount).toBeGreaterThan(0);
    expect(container?.lastState?.terminated).toMatchObject({ exitCode: 3, reason: "Error" });
    expect((await cluster.kubectl("logs", "crash", "--previous")).stdout).toContain("attempt at");
    await removed("crash");
  });

  test("whose command does not exist gets kubelet's reason", async () => {
    await cluster.apply(manifest("typo", "true", { command: ["/no/such/program"] }));
    const waiting = await eventually("the reason is in the status", 60_000, async () => {
      const state = (await pod("typo")).status?.containerStatuses?.[0];
      return (
        state?.lastState?.terminated?.message ??
        state?.state?.terminated?.message ??
        state?.state?.waiting?.message
      );
    });
    expect(waiting).toContain("/no/such/program");
    await removed("typo");
  });

  test("gets SIGTERM, and SIGKILL when its grace period is over", async () => {
    await cluster.apply(
      manifest("polite", "trap 'echo bye; exit 0' TERM; echo up; while true; do usleep 50000; done"),
    );
    await running("polite");
    const follow = Bun.spawn(
      [cluster.kubectlPath(), "--kubeconfig", cluster.kubeconfig, "logs", "-f", "polite"],
      { stdout: "pipe" },
    );
    const decoder = new TextDecoder();
    let followed = "";
    let remove: Promise<void> | undefined;
    for await (const chunk of follow.stdout) {
      followed += decoder.decode(chunk, { stream: true });
      // Not before it is followed: a Pod that is gone has no log.
      if (followed.includes("up")) remove ??= removed("polite");
    }
    await remove;
    expect(followed).toBe("up\nbye\n");
    await cluster.apply(manifest("stubborn", "trap '' TERM; echo up; while true; do usleep 50000; done"));
    await running("stubborn");
    await removed("stubborn");
    expect((await cluster.kubectl("get", "pod", "stubborn")).stderr).toContain('pods "stubborn" not found');
  });
});

describe("a supervisor that is killed", () => {
  test("during 1,000 acknowledged writes loses none, takes no revision back, and the host comes back by itself", async () => {
    const config = await cluster.kubectl("config", "view", "--raw", "-o", "json");
    const { clusters, users } = JSON.parse(config.stdout);
    const pem = (text: string): string => Buffer.from(text, "base64").toString();
    const tls = {
      ca: pem(clusters[0].cluster["certificate-authority-data"]),
      cert: pem(users[0].user["client-certificate-data"]),
      key: pem(users[0].user["client-key-data"]),
    };
    const path = `https://127.0.0.1:${cluster.port}/api/v1/namespaces/default/configmaps`;
    const acknowledged = new Map<string, number>();
    let next = 0;
    let highest = 0;
    const writer = async (): Promise<void> => {
      while (acknowledged.size < 1000) {
        const name = `write-${next++}`;
        const before = highest;
        const body = JSON.stringify({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name },
          data: { name },
        });
        const answer = await fetch(path, {
          method: "POST",
          body,
          headers: { "content-type": "application/json" },
          tls,
        }).catch(() => undefined);
        const created = answer?.status === 201 ? await answer.json().catch(() => undefined) : undefined;
        if (created) {
          const { metadata } = created as { metadata: { resourceVersion: string } };
          const revision = Number(metadata.resourceVersion);
          // Asked for after `before` was seen: it goes on from there, whatever was killed in between.
          expect(revision).toBeGreaterThan(before);
          highest = Math.max(highest, revision);
          acknowledged.set(name, revision);
        } else await Bun.sleep(20);
      }
    };
    const writers = Promise.all(Array.from({ length: 16 }, writer));
    for (const mark of [150, 400, 800]) {
      await eventually(`${mark} writes were acknowledged`, 60_000, () => acknowledged.size >= mark);
      await cluster.supervisor.stop("SIGKILL");
      cluster.supervisor.start();
    }
    await writers;
    await eventually(
      "the supervisor answers",
      60_000,
      async () => (await cluster.kubectl("get", "--raw", "/readyz")).code === 0,
    );
    const list = JSON.parse((await cluster.kubectl("get", "configmaps", "-o", "json")).stdout);
    const kept = new Map<string, number>(
      list.items.map((item: { metadata: { name: string; resourceVersion: string } }) => [
        item.metadata.name,
        Number(item.metadata.resourceVersion),
      ]),
    );
    for (const [name, revision] of acknowledged)
      expect({ name, revision: kept.get(name) }).toEqual({ name, revision });
    expect(new Set(acknowledged.values()).size).toBe(acknowledged.size);
    await cluster.nodeReady(node);
    await cluster.apply(manifest("after", "exec sleep 100000"));
    await running("after");
    // The host may be between two of its attempts.
    await eventually("the tunnel heals", 60_000, async () => {
      const said = await cluster.kubectl("exec", "after", "--", "echo", "tunnel heals");
      return said.stdout === "tunnel heals\n";
    });
    await removed("after");
  });
});
