/**
 * The services on a box with systemd and cgroup v2, which the test machine itself may lack: a Debian in a plain QEMU
 * machine. What a restart, a crash, an upgrade and --uninstall do to a running QEMU, what control groups hold a machine to,
 * how Pods end with the box, and what a power cut costs.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { V1PodSpec } from "../../supervisor/api/generated/types.ts";
import { Box, buildBoxImage } from "../framework/box.ts";
import { type Answer, BoxApi } from "../framework/box-api.ts";
import { root } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { requirePrivateNetwork } from "../framework/private-network.ts";

requirePrivateNetwork("e2e-box.long");
const apiPort = 17443;
const kc = "kubectl --kubeconfig /etc/pacific/kubeconfig.yaml";
const machines = "pgrep -x qemu-system-x86 -d ' '";
/** Those of Pods: a machine that waits for one has no record. */
const podMachines =
  'for record in /var/lib/pacific/host/sandboxes/*/sandbox.json; do pgrep -f "guest=$(dirname $record)" || :; done';
let box: Box;

/** Its machines boot: a template after each start of the daemon would cost this box more than all its Pods. */
function installHost(flags = ""): string {
  const join = '--server https://127.0.0.1:6443 --token "$(pacific token create)"';
  const install = `PACIFIC_PREBUILT=1 ./install.sh host ${join} --accel tcg --crx-start boot ${flags}`;
  return `cd /root/pacific && ${install}`;
}

beforeAll(async () => {
  box = new Box(await buildBoxImage(), new Map([[apiPort, 6443]]));
  await box.boot({
    "pacific/dist/pacific": join(root, "dist/pacific"),
    "pacific/dist/images/demo.tar": join(root, "dist/images/demo.tar"),
    "pacific/dist/kubectl": join(root, "dist/test-tools/kubectl-v36/kubectl"),
    "pacific/install.sh": join(root, "install.sh"),
    "pacific/examples": join(root, "examples"),
    "pacific/host-images/packages-run.txt": join(root, "host-images/packages-run.txt"),
  });
  await box.run("cp -r /files/pacific /root/ && ln -s /root/pacific/dist/kubectl /usr/local/bin/kubectl");
}, 900_000);

afterAll(() => box?.remove(), 60_000);

async function machinesNow(): Promise<string> {
  return box.run(podMachines);
}

/** Waits for Pods; where one never is ready, what the host says of it is the error. */
async function untilReady(...pods: readonly string[]): Promise<void> {
  for (const pod of pods) {
    try {
      await box.until(`${kc} wait --for=condition=Ready pod/${pod} --timeout=5s`, 900_000);
    } catch (error) {
      const ask = `${kc} describe pod ${pod}; journalctl -u pacific-host -n 60 --no-pager`;
      throw new Error(await box.run(ask, 120_000, false), { cause: error });
    }
  }
}

/** Creates a Pod of the demo image whose containers each run a script. */
async function createPod(
  name: string,
  scripts: Readonly<Record<string, string>>,
  { cpu = "10m", spec = {} }: { readonly cpu?: string; readonly spec?: Partial<V1PodSpec> } = {},
): Promise<void> {
  const containers = Object.entries(scripts).map(([container, script]) => ({
    name: container,
    image: "pacific.local/demo:latest",
    imagePullPolicy: "Never",
    command: ["sh", "-c", script],
    securityContext: { runAsUser: 0 },
    resources: { requests: { cpu }, limits: { cpu: "1", memory: "32Mi" } },
    volumeMounts: [{ name: "data", mountPath: "/data" }],
  }));
  const volumes = [{ name: "data", emptyDir: {} }];
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { volumes, ...spec, containers } };
  await box.run(`${kc} create -f - <<'END'\n${JSON.stringify(pod)}\nEND`);
}

/** The systemd scope of a Pod's machine, and its folder. */
async function scopeOf(pod: string): Promise<{ readonly scope: string; readonly folder: string }> {
  const uid = await box.run(`${kc} get pod ${pod} -o 'jsonpath={.metadata.uid}'`);
  const records = `grep -l ${uid} /var/lib/pacific/host/sandboxes/*/sandbox.json`;
  const record = `$(dirname $(grep -lE '"phase": *"ready"' $(${records})))`;
  const group = await box.run(`cut -d: -f3 /proc/$(pgrep -f "guest=${record}")/cgroup`);
  return { scope: group.split("/").at(-1) ?? "", folder: `/sys/fs/cgroup${group}` };
}

/** How often a Pod's containers were started anew and why they last ended, in the order of their names. */
async function endsOf(pod: string): Promise<string> {
  const each = "{.name} {.restartCount} {.lastState.terminated.reason};";
  return await box.run(`${kc} get pod ${pod} -o 'jsonpath={range .status.containerStatuses[*]}${each}{end}'`);
}

describe("the systemd services", () => {
  test("install.sh installs both, and a Pod runs", async () => {
    await box.run("cd /root/pacific && PACIFIC_PREBUILT=1 ./install.sh supervisor", 900_000);
    await box.run(installHost(), 900_000);
    expect(await box.run("systemctl is-active pacific-supervisor pacific-host")).toBe("active\nactive");
    await box.run("pacific image import /root/pacific/dist/images/demo.tar", 900_000);
    await box.run(`cd /root/pacific && ${kc} apply -f examples/hello.yaml`);
    await untilReady("hello");
    expect(await machinesNow()).toMatch(/^\d+$/);
  }, 1_800_000);

  test("each machine runs in a scope of its own, outside the service", async () => {
    const group = await box.run(`cat /proc/$(${podMachines})/cgroup`);
    expect(group).toContain("pacific-pods.slice");
    expect(group).toContain(".scope");
    expect(group).not.toContain("pacific-host.service");
  });

  test("each machine has the limits of its size, a user of its own, and no rights", async () => {
    const group = `/sys/fs/cgroup$(cut -d: -f3 /proc/$(${podMachines})/cgroup)`;
    // 128 MiB for the container, 64 for the guest; a 64th of that, and what QEMU has under TCG.
    expect(await box.run(`cat ${group}/memory.max`)).toBe(`${(192 + 3 + 144) << 20}`);
    expect(await box.run(`cat ${group}/memory.swap.max`)).toBe("0");
    // One CPU, which is the weight of all that ask for nothing else.
    expect(await box.run(`cat ${group}/cpu.weight`)).toBe("100");
    expect(await box.run(`cat ${group}/pids.max`)).toBe("512");
    const status = await box.run(`cat /proc/$(${podMachines})/status`);
    expect(status).toMatch(/^Uid:\t(\d{10})\t\1\t\1\t\1$/m);
    expect(status).toMatch(/^CapBnd:\t0{16}$/m);
    const conditions = await box.run(
      `${kc} get nodes -o 'jsonpath={range .items[0].status.conditions[*]}{.type}={.status} {end}'`,
    );
    expect(conditions).toContain("MachineJail=True");
    expect(conditions).toContain("MachineLimits=True");
  });

  test.each([
    ["a restart", "systemctl restart pacific-host"],
    ["a kill -9", "kill -9 $(systemctl show -p MainPID --value pacific-host)"],
    [
      "an upgrade of the binary",
      "cd /root/pacific && cp dist/pacific dist/p && mv dist/p dist/pacific && PACIFIC_PREBUILT=1 ./install.sh host",
    ],
  ])(
    "%s touches no guest, and the host finds it again",
    async (_, command) => {
      const before = await machinesNow();
      const uptime = Number(await box.run(`${kc} exec hello -- cut -d. -f1 /proc/uptime`, 300_000));
      await box.run(command, 900_000);
      await box.until("systemctl is-active pacific-host", 600_000);
      expect(await machinesNow()).toBe(before);
      const after = await box.until(`${kc} exec hello -- cut -d. -f1 /proc/uptime`, 600_000);
      expect(Number(after)).toBeGreaterThanOrEqual(uptime);
      expect(
        await box.run(`${kc} get pod hello -o 'jsonpath={.status.containerStatuses[0].restartCount}'`),
      ).toBe("0");
    },
    900_000,
  );

  test("a container beyond its memory is killed alone, a QEMU beyond its own with all of its Pod's", async () => {
    const [hello, once] = [
      await machinesNow(),
      "test -e /data/eaten || { touch /data/eaten; sync; tail /dev/zero; }",
    ];
    await createPod("pair", { eats: `${once}; sleep 100000`, stays: "sleep 100000" });
    await untilReady("pair");
    await box.until(
      `test "$(${kc} get pod pair -o 'jsonpath={.status.containerStatuses[0].restartCount}')" = 1`,
      900_000,
    );
    expect(await endsOf("pair")).toBe("eats 1 OOMKilled;stays 0 ;");
    const { scope } = await scopeOf("pair");
    await box.run(`systemctl set-property --runtime ${scope} MemoryMax=4M`);
    await box.until(
      `test "$(${kc} get pod pair -o 'jsonpath={.status.containerStatuses[1].restartCount}')" = 1`,
      900_000,
    );
    await untilReady("pair");
    expect(await endsOf("pair")).toBe("eats 2 OOMKilled;stays 1 OOMKilled;");
    expect((await scopeOf("pair")).scope).not.toBe(scope);
    expect(await machinesNow()).toContain(hello);
    expect(await endsOf("hello")).toBe("hello 0 ;");
    await box.run(`${kc} delete pod pair --now`, 600_000);
  }, 1_800_000);

  test("machines that want the same processor get it as their Pods have asked for it", async () => {
    const busy = "while :; do :; done";
    await Promise.all([
      createPod("much", { busy }, { cpu: "800m" }),
      createPod("little", { busy }, { cpu: "100m" }),
    ]);
    await untilReady("much", "little");
    await box.run("systemctl set-property --runtime pacific-pods.slice AllowedCPUs=0");
    const folders = [(await scopeOf("much")).folder, (await scopeOf("little")).folder];
    const weights = (await box.run(`cat ${folders.map((folder) => `${folder}/cpu.weight`).join(" ")}`)).split(
      "\n",
    );
    const used = folders.map((folder) => `sed -n 's/^usage_usec //p' ${folder}/cpu.stat`).join("; ");
    const sampled = await box.run(`${used}; sleep 20; ${used}`);
    const [much = 0, little = 0, muchLater = 0, littleLater = 0] = sampled.split("\n").map(Number);
    const share = (muchLater - much) / (littleLater - little);
    const fair = Number(weights[0]) / Number(weights[1]);
    expect(fair).toBeGreaterThan(3);
    expect(share).toBeGreaterThan(fair / 2);
    expect(share).toBeLessThan(fair * 2);
    await box.run("systemctl set-property --runtime pacific-pods.slice AllowedCPUs=");
    await box.run(`${kc} delete pod much little --now`, 600_000);
  }, 1_800_000);

  test("--uninstall host ends its machines and leaves data and supervisor", async () => {
    await box.run("cd /root/pacific && ./install.sh --uninstall host", 900_000);
    expect(await box.run(machines, 60_000, false)).toBe("");
    expect(await box.run("ip -br link | grep -c -e tap -e pacific || true")).toBe("0");
    expect(await box.run("test -d /var/lib/pacific/host && systemctl is-active pacific-supervisor")).toBe(
      "active",
    );
    expect(await box.run("test -e /etc/systemd/system/pacific-host.service || echo gone")).toBe("gone");
  }, 600_000);
});

describe("a box that is shut down", () => {
  test("ends its Pods in good order first: ordinary ones, then critical ones", async () => {
    // Those that ran before would start anew beside these, which is much for a slow box.
    await box.run(`${kc} delete pods --all --force --grace-period=0`, 600_000);
    const grace = "--shutdown-grace-period 240s --shutdown-grace-period-critical-pods 120s";
    await box.run(installHost(grace), 900_000);
    await box.until("systemd-inhibit --list --no-legend | grep pacific", 600_000);
    for (const [name, priorityClassName] of [["web"], ["core", "system-node-critical"]] as const) {
      const end = `trap 'sleep 3; echo ${name} >>/data/ended; exit 0' TERM; while :; do sleep 0.2; done`;
      const data = { name: "data", hostPath: { path: "/var/lib/ended", type: "DirectoryOrCreate" } };
      const terminationGracePeriodSeconds = 100;
      const spec = {
        volumes: [data],
        terminationGracePeriodSeconds,
        ...(priorityClassName && { priorityClassName }),
      };
      await createPod(name, { main: end }, { spec });
    }
    await untilReady("web", "core");
    // Only what the host has said before the shutdown is to be seen after it.
    await box.run("systemctl disable pacific-host");
    await box.shutDown("systemctl --no-wall reboot");
    await box.boot();
    const fields = "{.status.phase} {.status.reason}: {.status.message}";
    for (const name of ["web", "core"]) {
      const status = await box.until(`${kc} get pod ${name} -o 'jsonpath=${fields}'`, 600_000);
      expect(status).toBe("Failed Terminated: Pod was terminated in response to imminent node shutdown.");
    }
    expect(await box.run("cat /var/lib/ended/ended")).toBe("web\ncore");
    const events = await box.run(
      `${kc} get events --field-selector reason=NodeShutdown -o 'jsonpath={.items[*].message}'`,
    );
    expect(events).toContain("Shutdown manager detected shutdown event");
  }, 1_800_000);
});

describe("a power cut under load", () => {
  const cuts = 20;

  test(`at ${cuts} random moments loses no acknowledged write`, async () => {
    const credentials = join(root, "dist/test", "box-kubeconfig.yaml");
    writeFileSync(credentials, await box.run("cat /etc/pacific/kubeconfig.yaml"));
    const api = new BoxApi(credentials, apiPort);
    const acknowledged = new Map<string, Answer>();
    let highest = 0;
    for (let cut = 0; cut < cuts; cut += 1) {
      await eventually("the supervisor answers", 600_000, () => api.isReady());
      for (const [name, { resourceVersion }] of acknowledged) {
        expect({ name, resourceVersion: (await api.read(name))?.resourceVersion }).toEqual({
          name,
          resourceVersion,
        });
      }
      expect(await api.revision()).toBeGreaterThanOrEqual(highest);
      const load = api.write(`cut-${cut}`, acknowledged);
      await eventually("the load runs", 600_000, () => acknowledged.size > cut * 20);
      await Bun.sleep(Math.random() * 700);
      await box.powerCut();
      await load;
      highest = Math.max(
        highest,
        ...[...acknowledged.values()].map(({ resourceVersion }) => Number(resourceVersion)),
      );
      await box.boot();
    }
    expect(acknowledged.size).toBeGreaterThan(cuts * 20);
  }, 3_600_000);
});
