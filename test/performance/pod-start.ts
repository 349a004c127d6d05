/**
 * The mark of a Pod's start: `bun test/performance/pod-start.ts [ROUNDS]`. From the API's answer to the Pod's POST to
 * the first line in its container's log, with the image on the host and a Pod network, beside the floor in turns with
 * it: a bare QEMU with the same kernel and PID 1 and no more devices than that needs, until PID 1 answers. Wants root,
 * `dist/pacific`, `dist/guest` and the demo image; runs itself in a network namespace of its own, as
 * `unshare --net sh -c 'ip link set lo up && exec "$@"' sh bun test/performance/pod-start.ts`.
 */
import { join } from "node:path";
import type { V1Node, V1Pod } from "../../supervisor/api/generated/types.ts";
import { HttpTransport } from "../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../supervisor/client/kubeconfig.ts";
import { createClient } from "../../supervisor/client/rest-client.ts";
import { Cluster, root } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { enterPrivateNetwork } from "../framework/private-network.ts";
import { builtImage } from "../integration/crx/fixtures.ts";
import { demoPod } from "./demo-pod.ts";
import { median, quantile } from "./load/distribution.ts";
import { type Boot, bootBare } from "./machine-floor.ts";
import { type PodStart, startSteps, tracePodStart } from "./pod-start-trace.ts";

const node = "box-1";
const mark = 1.6;
/** For clones: of the middle and of nineteen in twenty. */
const cloneMarksMs = [400, 700] as const;
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

function printDistribution(name: string, values: readonly number[]): void {
  const figures = [0.5, 0.95].map((part) => quantile(values, part).toFixed(0).padStart(6));
  print(`${name.padEnd(48)} p50 ${figures[0]} ms, p95 ${figures[1]} ms`);
}

function printSteps(pods: readonly PodStart[]): void {
  print("of it, in the middle:");
  for (const [index, step] of startSteps.entries()) {
    const at = (pod: PodStart, which: number): number => pod.reachedMs[which] ?? 0;
    const spent = median(pods.map((pod) => at(pod, index) - at(pod, index - 1)));
    const reached = median(pods.map((pod) => at(pod, index)));
    print(
      `  ${step.padEnd(32)} + ${spent.toFixed(0).padStart(5)} ms  at ${reached.toFixed(0).padStart(5)} ms`,
    );
  }
}

function report(floors: readonly Boot[], pods: readonly PodStart[]): void {
  const readyMs = floors.map((floor) => floor.readyMs);
  const startMs = pods.map(({ reachedMs }) => reachedMs.at(-1) ?? Number.NaN);
  printDistribution("bare boot to PID 1's first answer", readyMs);
  printDistribution("Pod, API's answer to its first line", startMs);
  printSteps(pods);
  const ratio = median(startMs) / median(readyMs);
  const verdict = ratio <= mark ? "met" : "MISSED";
  print(`a Pod takes ${ratio.toFixed(2)} times the bare boot, mark ${mark}: ${verdict}`);
  const [p50, p95] = [quantile(startMs, 0.5), quantile(startMs, 0.95)];
  const isFast = p50 <= cloneMarksMs[0] && p95 <= cloneMarksMs[1];
  print(`marks of a clone, ${cloneMarksMs.join(" and ")} ms: ${isFast ? "met" : "MISSED"}`);
  const rounds = startMs.map((start, round) => (start / (readyMs[round] ?? Number.NaN)).toFixed(2));
  print(`round by round: ${rounds.join(" ")}`);
  const [bareCpuMs, podCpuMs] = [
    median(floors.map((one) => one.cpuMs)),
    median(pods.map((one) => one.cpuMs)),
  ];
  const cpuRatio = (podCpuMs / bareCpuMs).toFixed(2);
  print(`by QEMU's CPU, on a busy box the fairer figure: ${podCpuMs} to ${bareCpuMs} ms, ${cpuRatio} times`);
}

enterPrivateNetwork();
const rounds = Number(process.argv[2] ?? 9);
const cluster = new Cluster(16_700, { hostFlags: ["--accel", "tcg"] });
try {
  await cluster.start();
  await cluster.addHost(node);
  await cluster.importImage(node, join(root, "dist/images/demo.tar"));
  const { transport } = await loadKubeconfig(cluster.kubeconfig);
  const client = createClient(new HttpTransport({ ...transport, userAgent: "pacific-performance" }));
  const pods = client.resource<V1Pod>({ group: "", version: "v1", resource: "pods" }, "default");
  const nodes = client.resource<V1Node>({ group: "", version: "v1", resource: "nodes" });
  await eventually("machines are cloned", 60_000, async () =>
    (await nodes.get(node)).status?.conditions?.some(
      ({ type, status }) => type === "InstantClone" && status === "True",
    ),
  );
  const manifest: { readonly kernelArguments: string } = await Bun.file(builtImage.manifest).json();
  const floors: Boot[] = [];
  const starts: PodStart[] = [];
  // The first round of each warms caches and does not count.
  for (let round = 0; round <= rounds; round++) {
    const floor = await bootBare(manifest.kernelArguments);
    const start = await tracePodStart(pods, cluster.hostFolder(node), demoPod(`start-${round}`));
    if (round === 0) continue;
    floors.push(floor);
    starts.push(start);
  }
  report(floors, starts);
} finally {
  await cluster.remove();
}
