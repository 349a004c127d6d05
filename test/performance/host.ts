/**
 * The host daemon's marks at rest: `bun test/performance/host.ts`. Memory and CPU of `pacific host` (and, beside it, of
 * `pacific supervisor`) with no Pod and with one, and the floor: a program that Bun compiles with the same options and
 * that only serves on a socket. Wants root, `dist/pacific`, `dist/guest` and the demo image; runs itself in a network
 * namespace of its own, as `unshare --net sh -c 'ip link set lo up && exec "$@"' sh bun test/performance/host.ts`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep } from "../../supervisor/base/signals.ts";
import { Cluster, root, run } from "../framework/cluster.ts";
import { enterPrivateNetwork } from "../framework/private-network.ts";
import { demoPod } from "./demo-pod.ts";
import { processUse } from "./load/processes.ts";

const settleMs = 20_000;
const restMs = 40_000;
const node = "box-1";
const memoryMark = 80;
const cpuMark = 0.5;
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const bareProgram = `Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("ok") });`;

/** A serving program that does nothing, compiled as `install.sh` compiles ours. */
async function compileBare(folder: string): Promise<string> {
  const [source, program] = [join(folder, "bare.ts"), join(folder, "bare")];
  await Bun.write(source, bareProgram);
  const options = ["--compile", "--minify", "--bytecode", "--format=esm", "--outfile", program];
  const built = await run([process.execPath, "build", ...options, source]);
  if (built.code !== 0) throw new Error(`The floor's program cannot be built: ${built.stderr}`);
  return program;
}

/** Prints what processes hold, and what they use of a core while nothing is asked of them. */
async function measure(title: string, pids: Readonly<Record<string, number>>): Promise<void> {
  await sleep(settleMs);
  const before = Object.entries(pids).map(([name, pid]) => ({ name, pid, use: processUse(pid) }));
  await sleep(restMs);
  for (const { name, pid, use } of before) {
    const after = processUse(pid);
    if (!use || !after) throw new Error(`The ${name} has ended`);
    const { rssMiB, anonymousMiB } = after;
    const share = ((after.cpuSeconds - use.cpuSeconds) / (restMs / 1000)) * 100;
    const memory = `${rssMiB.toFixed(0)} MiB resident, ${anonymousMiB.toFixed(0)} of it its own`;
    const isMet = rssMiB <= memoryMark && share <= cpuMark;
    const verdict =
      name === "host" ? `, marks ${memoryMark} MiB and ${cpuMark} %: ${isMet ? "met" : "MISSED"}` : "";
    print(`${`${name}, ${title}`.padEnd(32)} ${memory}, ${share.toFixed(2)} % of a core${verdict}`);
  }
}

/** Runs Pods beside each other until all are ready, and waits until they are gone. */
async function runPods(names: readonly string[]): Promise<void> {
  for (const name of names) await cluster.apply(demoPod(name));
  const pods = names.map((name) => `pod/${name}`);
  await cluster.kubectl("wait", "--for=condition=Ready", ...pods, "--timeout=120s");
  await cluster.kubectl("delete", ...pods);
}

await enterPrivateNetwork();
const folder = mkdtempSync(join(tmpdir(), "pacific-floor-"));
const bare = Bun.spawn([await compileBare(folder)], { stdio: ["ignore", "ignore", "inherit"] });
const cluster = new Cluster(16_710, { hostFlags: ["--accel", "tcg"] });
try {
  await cluster.start();
  const host = await cluster.addHost(node);
  await cluster.importImage(node, join(root, "dist/images/demo.tar"));
  const pids = { floor: bare.pid, host: host.pid, supervisor: cluster.supervisor.pid };
  await measure("no Pod", pids);
  await cluster.apply(demoPod("rest"));
  await cluster.kubectl("wait", "--for=condition=Ready", "pod/rest", "--timeout=60s");
  await measure("one Pod", pids);
  await runPods(["one", "two", "three", "four", "five"]);
  await measure("one Pod, five gone", pids);
} finally {
  bare.kill();
  await bare.exited;
  rmSync(folder, { recursive: true });
  await cluster.remove();
}
