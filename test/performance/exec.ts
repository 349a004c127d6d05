/**
 * The mark of an exec: `bun test/performance/exec.ts [ROUNDS]`. `kubectl exec POD -- true` from its start to its end, in
 * turns with the floor, kubectl's own time: the same program that reads the same Pod, with what it takes to start, to read
 * its configuration and to ask the API over TLS. Beside them the same command through the container's own channel, as
 * crictl has it. Wants root, `dist/pacific`, `dist/guest` and the demo image; runs itself in a network namespace of its
 * own.
 */
import { join } from "node:path";
import { Cluster, root } from "../framework/cluster.ts";
import { Pods } from "../framework/pods.ts";
import { enterPrivateNetwork } from "../framework/private-network.ts";
import { demoPod } from "./demo-pod.ts";
import { print, printMark, printTimes } from "./figures.ts";
import { median } from "./load/distribution.ts";

const markMs = 80;

async function timed(cluster: Cluster, ...args: readonly string[]): Promise<number> {
  const begun = performance.now();
  const { code, stderr } = await cluster.kubectl(...args);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stderr}`);
  return performance.now() - begun;
}

await enterPrivateNetwork();
const rounds = Number(process.argv[2] ?? 30);
const cluster = new Cluster(16_740, { hostFlags: ["--accel", "tcg"] });
try {
  await cluster.start();
  await cluster.addHost("box-1");
  await cluster.importImage("box-1", join(root, "dist/images/demo.tar"));
  await new Pods(cluster).run(demoPod("target"));
  const [execs, floors, beyond] = [[] as number[], [] as number[], [] as number[]];
  for (let round = 0; round <= rounds; round++) {
    const floor = await timed(cluster, "get", "--raw", "/api/v1/namespaces/default/pods/target");
    const exec = await timed(cluster, "exec", "target", "--", "true");
    // The first of each warms caches and does not count.
    if (round === 0) continue;
    floors.push(floor);
    execs.push(exec);
    beyond.push(exec - floor);
  }
  printTimes("kubectl's own time", floors);
  printTimes("kubectl exec target -- true", execs);
  printTimes("beyond kubectl's own, round by round", beyond);
  printMark("an exec beyond kubectl's own time, in the middle", median(execs) - median(floors), markMs, "ms");
  print(`of ${rounds} rounds`);
} finally {
  await cluster.remove();
}
