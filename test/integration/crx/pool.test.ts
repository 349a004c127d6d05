/** Machines that wait for their Pods: each becomes somebody of its own, and none outlives its daemon. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import { findMachines } from "../../../agent/runtime/crx/qemu/find-machines.ts";
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

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const missing = missingForMachines();
const folder = temporaryFolder();
const sandboxes = join(folder.path, "sandboxes");
const signal = new AbortController().signal;
const patienceMs = 120_000;
let runtime: CrxRuntime;
let disk = "";

beforeAll(async () => {
  if (missing) return;
  disk = busyboxDisk(folder.path);
  ({ runtime } = await realRuntime(folder.path, { cloning: { hasNetwork: false, poolSize: 2 } }));
}, patienceMs);

afterAll(async () => {
  for (const { id } of runtime?.listPodSandboxes() ?? []) await runtime.removePodSandbox(id);
  await runtime?.close();
  folder.remove();
});

const filled = (): Promise<boolean> =>
  until(() => runtime.spareCount === 2, "two machines in the pool", patienceMs);

function config(change: Partial<PodSandboxConfig>): PodSandboxConfig {
  const logDirectory = join(folder.path, "logs", crypto.randomUUID());
  return sandboxConfig(folder.path, { logDirectory, imageDiskPaths: [disk], ...change });
}

/** What a script prints in a sandbox that got a machine of the pool. */
async function runSpare(script: string, change: Partial<PodSandboxConfig>) {
  const wanted = config(change);
  const spare = await runtime.takeSpareMachine(wanted);
  if (!spare) throw new Error("The pool had no machine");
  const { id } = await spare.run(wanted, signal);
  await spare.discard();
  const container = containerConfig(disk, ["sh", "-c", `${script}; echo end; sleep 1000`]);
  await runtime.startContainer(await runtime.createContainer(id, container));
  const log = join(wanted.logDirectory, "main/0.log");
  const text = await until(() => /end\n/.test(readLog(log)) && readLog(log), "the script's end", patienceMs);
  return { id, lines: text.split("\n") };
}

describe.skipIf(missing !== "")(`the pool${missing}`, () => {
  test("machines of the pool get what is theirs when they are handed out, and others take their place", async () => {
    await filled();
    const waiting = readdirSync(sandboxes).sort();
    const script =
      "head -c 32 /dev/urandom | base64; cat /proc/sys/kernel/random/boot_id; hostname; date +%s; free -m | grep Mem; until [ $(nproc) = $CPUS ]; do sleep 0.1; done";
    const [one, two] = await Promise.all([
      runSpare(`CPUS=1; ${script}`, { hostname: "one" }),
      runSpare(`CPUS=2; ${script}`, { hostname: "two", memoryBytes: 1 << 30, cpuCount: 2 }),
    ]);
    expect([one.id, two.id].sort()).toEqual(waiting);
    for (const line of [0, 1]) expect(one.lines[line]).not.toBe(two.lines[line] ?? "");
    expect([one.lines[2], two.lines[2]]).toEqual(["one", "two"]);
    for (const { lines } of [one, two])
      expect(Math.abs(Number(lines[3]) - Date.now() / 1000)).toBeLessThan(60);
    const megabytes = (text = ""): number => Number(text.split(/\s+/)[1]);
    expect(megabytes(one.lines[4])).toBeLessThan(330);
    expect(megabytes(two.lines[4])).toBeGreaterThan(980);
    const records = [one, two].map(({ id }) =>
      JSON.parse(readFileSync(join(sandboxes, id, "sandbox.json"), "utf8")),
    );
    expect(records.map(({ start, phase }) => [start, phase])).toEqual([
      ["pool", "ready"],
      ["pool", "ready"],
    ]);
    expect(records[0].user).not.toBe(records[1].user);
    if (process.getuid?.() === 0) {
      for (const { process, user } of records) expect(statSync(`/proc/${process.pid}`).uid).toBe(user);
    }
    await filled();
    expect(runtime.listPodSandboxes()).toHaveLength(2);
    for (const { id } of [one, two]) await runtime.removePodSandbox(id);
    expect(readdirSync(sandboxes)).toHaveLength(2);
  });

  test("one that cannot be what is asked for, or ends while it waits, leaves nothing", async () => {
    await filled();
    const wanted = config({ sysctls: { "no.such": "1" } });
    const spare = await runtime.takeSpareMachine(wanted);
    await expect(spare?.run(wanted, signal)).rejects.toThrow("no/such");
    await spare?.discard();
    const discarded = await runtime.takeSpareMachine(wanted);
    await discarded?.discard();
    expect(runtime.listPodSandboxes()).toEqual([]);
    await filled();
    const [first] = findMachines(folder.path, () => true);
    if (first) process.kill(first.pid, "SIGKILL");
    await until(() => runtime.spareCount === 1, "the end of one");
    await until(() => readdirSync(sandboxes).length === 1, "its folder's end");
    await runtime.endSpareMachines();
    expect(findMachines(folder.path, () => true)).toEqual([]);
    expect(readdirSync(sandboxes)).toEqual([]);
  });

  test("a daemon that was killed leaves machines that wait, and the next one ends them", async () => {
    const own = temporaryFolder();
    const script = new URL("./pool-daemon.ts", import.meta.url).pathname;
    const daemon = Bun.spawn([process.execPath, script, own.path], { stdin: "ignore", stdout: "pipe" });
    for await (const chunk of daemon.stdout) if (new TextDecoder().decode(chunk).includes("ready")) break;
    daemon.kill("SIGKILL");
    await daemon.exited;
    expect(findMachines(own.path, () => true)).toHaveLength(1);
    const { runtime: next } = await realRuntime(own.path, { cloning: undefined });
    expect(next.listPodSandboxes()).toEqual([]);
    expect(findMachines(own.path, () => true)).toEqual([]);
    expect(readdirSync(join(own.path, "sandboxes"))).toEqual([]);
    await next.close();
    own.remove();
  });
});
