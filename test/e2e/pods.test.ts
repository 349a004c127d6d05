/** What a Pod's specification promises of its containers, in real machines and seen with kubectl. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { V1Container, V1Pod, V1PodSpec } from "../../supervisor/api/generated/types.ts";
import { Cluster, root } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";
import { Terminal } from "../framework/terminal.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

requirePrivateNetwork("e2e-pods");
const cluster = new Cluster(16447);

beforeAll(async () => {
  await cluster.start();
  await cluster.addHost("box-1");
  await cluster.importImage("box-1", join(root, "dist/images/demo.tar"));
});

afterAll(() => cluster.remove());

function container(name: string, script: string, more: Partial<V1Container> = {}): V1Container {
  return {
    name,
    image: "pacific.local/demo:latest",
    imagePullPolicy: "Never",
    command: ["sh", "-c", script],
    ...more,
  };
}

function apply(name: string, spec: V1PodSpec): Promise<void> {
  return cluster.apply({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec });
}

async function pod(name: string): Promise<V1Pod> {
  const result = await cluster.kubectl("get", "pod", name, "-o", "json");
  if (result.code !== 0) throw new Error(result.stderr);
  return JSON.parse(result.stdout);
}

/** Waits until a Pod has ended; the first container's state then. */
async function ended(name: string): Promise<V1Pod> {
  return eventually(`Pod ${name} has ended`, 90_000, async () => {
    const now = await pod(name);
    return ["Succeeded", "Failed"].includes(now.status?.phase ?? "") ? now : undefined;
  });
}

async function logOf(name: string, ...more: string[]): Promise<string> {
  return (await cluster.kubectl("logs", name, ...more)).stdout;
}

describe("the containers of a Pod", () => {
  test("run in one machine, after the init containers, each as its security context says", async () => {
    const script =
      "cat /proc/sys/kernel/random/boot_id; id -u; id -g; id -G; grep CapEff /proc/self/status; touch /new 2>/dev/null || echo read-only";
    const strict = {
      runAsUser: 1234,
      runAsGroup: 999,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    };
    const root = { runAsUser: 0, capabilities: { add: ["NET_ADMIN"], drop: ["KILL"] } };
    await apply("together", {
      restartPolicy: "Never",
      securityContext: { supplementalGroups: [777] },
      initContainers: [container("first", "cat /proc/sys/kernel/random/boot_id; date +%s")],
      containers: [
        container("strict", `${script}; date +%s`, { securityContext: strict }),
        container("root", script, { securityContext: root }),
      ],
    });
    expect((await ended("together")).status?.phase).toBe("Succeeded");
    const [first, plain, strong] = await Promise.all(
      ["first", "strict", "root"].map(async (name) =>
        (await logOf("together", "-c", name)).trim().split("\n"),
      ),
    );
    const bootId = first?.[0];
    expect(bootId).toMatch(/^[0-9a-f-]{36}$/);
    expect(Number(plain?.at(-1))).toBeGreaterThanOrEqual(Number(first?.[1]));
    expect(plain?.slice(0, 5)).toEqual([
      bootId,
      "1234",
      "999",
      "999 777",
      "CapEff:\t0000000000000000",
    ] as string[]);
    expect(plain).toContain("read-only");
    expect(strong?.slice(0, 3)).toEqual([bootId, "0", "0"] as string[]);
    expect(strong).toContain("CapEff:\t00000000a80435db");
    expect(strong).not.toContain("read-only");
    await cluster.kubectl("delete", "pod", "together");
  });

  test("are restarted as the restart policy says", async () => {
    const cases = [
      ["never", "Never", 3],
      ["on-failure-good", "OnFailure", 0],
      ["on-failure-bad", "OnFailure", 3],
      ["always", "Always", 0],
    ] as const;
    await Promise.all(
      cases.map(([name, restartPolicy, code]) =>
        apply(name, { restartPolicy, containers: [container("main", `exit ${code}`)] }),
      ),
    );
    const never = await ended("never");
    expect(never.status?.phase).toBe("Failed");
    expect(never.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 3, reason: "Error" } },
    });
    const good = await ended("on-failure-good");
    expect(good.status?.phase).toBe("Succeeded");
    expect(good.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 0, reason: "Completed" } },
    });
    for (const [name, exitCode] of [
      ["on-failure-bad", 3],
      ["always", 0],
    ] as const) {
      const status = await eventually(`${name} is held back after a restart`, 90_000, async () => {
        const found = (await pod(name)).status?.containerStatuses?.[0];
        return found?.state?.waiting?.reason === "CrashLoopBackOff" ? found : undefined;
      });
      expect(status.restartCount).toBeGreaterThan(0);
      expect(status.lastState?.terminated?.exitCode).toBe(exitCode);
    }
    await cluster.kubectl("delete", "pod", ...cases.map(([name]) => name));
  });
});

describe("a Pod that is deleted", () => {
  test("has its SIGTERM heard, and its whole grace period and no more when it is not", async () => {
    const wait = "while :; do sleep 0.1; done";
    await apply("polite", {
      terminationGracePeriodSeconds: 60,
      containers: [container("main", `trap 'echo bye; exit 0' TERM; echo ready; ${wait}`)],
    });
    await apply("stubborn", {
      terminationGracePeriodSeconds: 6,
      containers: [container("main", `trap '' TERM; echo ready; ${wait}`)],
    });
    for (const name of ["polite", "stubborn"]) {
      await eventually(`${name} is ready`, 60_000, async () => (await logOf(name)).includes("ready"));
    }
    const follower = Bun.spawn(
      [cluster.kubectlPath(), "--kubeconfig", cluster.kubeconfig, "logs", "-f", "polite"],
      { stdout: "pipe", stderr: "ignore" },
    );
    const reader = follower.stdout.getReader();
    let followed = "";
    const read = async (): Promise<boolean> => {
      const { value, done } = await reader.read();
      followed += new TextDecoder().decode(value);
      return done;
    };
    await eventually("the log is followed", 20_000, async () => (await read()) || followed.includes("ready"));
    const secondsOf = async (name: string): Promise<number> => {
      const begin = performance.now();
      expect((await cluster.kubectl("delete", "pod", name)).code).toBe(0);
      return (performance.now() - begin) / 1000;
    };
    const [polite, stubborn] = await Promise.all([secondsOf("polite"), secondsOf("stubborn")]);
    await eventually("the log has ended", 20_000, read);
    expect(followed).toBe("ready\nbye\n");
    expect(polite).toBeLessThan(40);
    expect(stubborn).toBeGreaterThan(5.5);
    expect(stubborn).toBeLessThan(40);
  });
});

describe("kubectl run -it --rm", () => {
  test("is a terminal in a Pod of its own, whose exit code it gives, and which goes with it", async () => {
    const session = new Terminal([
      ...[cluster.kubectlPath(), "--kubeconfig", cluster.kubeconfig, "run", "once", "-it", "--rm"],
      ...["--restart=Never", "--image=pacific.local/demo:latest", "--image-pull-policy=Never", "--", "sh"],
    ]);
    session.type("\r");
    await session.shows(/[#$] /);
    session.type("tty; echo is''here\r");
    await session.shows(/ishere/);
    expect(session.screen).toContain("/dev/");
    session.type("exit 4\r");
    await session.shows(/pod "once" deleted/);
    expect(await session.exited).not.toBe(0);
    expect((await cluster.kubectl("get", "pod", "once")).stderr).toContain('pods "once" not found');
  });
});

describe("a log beyond the limit of its file", () => {
  test("is rotated, and neither logs nor logs -f loses a line", async () => {
    const lines = 300_000;
    await apply("long", { restartPolicy: "Never", containers: [container("main", `seq 1 ${lines}`)] });
    const followed = await eventually("the log can be followed", 60_000, async () => {
      const result = await cluster.kubectl("logs", "-f", "long");
      return result.code === 0 ? result.stdout : undefined;
    });
    await ended("long");
    const expected = `${Array.from({ length: lines }, (_, index) => index + 1).join("\n")}\n`;
    expect(followed === expected).toBe(true);
    expect((await logOf("long")) === expected).toBe(true);
    await cluster.kubectl("delete", "pod", "long");
  });
});

describe("what a cluster keeps secret", () => {
  test("is in files for root alone, and in no log", async () => {
    await cluster.apply({
      ...{ apiVersion: "v1", kind: "Secret", metadata: { name: "word" } },
      stringData: { word: "open-sesame-1234" },
    });
    await apply("reader", {
      restartPolicy: "Never",
      containers: [
        container("main", "test $WORD = open-sesame-1234", {
          env: [{ name: "WORD", valueFrom: { secretKeyRef: { name: "word", key: "word" } } }],
        }),
      ],
    });
    expect((await ended("reader")).status?.phase).toBe("Succeeded");
    const logs = [cluster.supervisor, ...cluster.hosts.values()].map((daemon) => daemon.log()).join("");
    expect(logs).toContain("box-1");
    const listed = await cluster.kubectl("get", "secrets", "-A", "-o", "json");
    const secrets: ReadonlyArray<{ readonly data?: Readonly<Record<string, string>> }> = JSON.parse(
      listed.stdout,
    ).items;
    const words = secrets.flatMap(({ data = {} }) => [data["token-secret"], data.word]).filter(Boolean);
    expect(words).toHaveLength(2);
    for (const word of words) expect(logs).not.toContain(Buffer.from(word ?? "", "base64").toString());
    expect(logs).not.toContain("PRIVATE KEY");
    const held = /(\.key|\.db|\.db-wal|identity\.json|kubeconfig\.yaml|container.*\.json|sandbox.*\.json)$/;
    const files = readdirSync(cluster.folder, { recursive: true, encoding: "utf8" }).filter((path) =>
      held.test(path),
    );
    expect(files.length).toBeGreaterThan(5);
    // What goes meanwhile, as a machine's folder does after its Pod, is open to nobody.
    const modeOf = (path: string): number =>
      statSync(join(cluster.folder, path), { throwIfNoEntry: false })?.mode ?? 0;
    expect(files.filter((path) => (modeOf(path) & 0o077) !== 0)).toEqual([]);
  });
});
