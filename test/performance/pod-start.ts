/**
 * The marks of a Pod's start: `bun test/performance/pod-start.ts [ROUNDS] [FLEET]`. From the API's answer to the Pod's POST
 * to the first line in its container's log, with the image on the host and a Pod network, by a new clone and from the
 * pool; in turns with the floors: a cold boot and a bare clone until they answer, and the same steps by the runtime alone.
 * Then many Pods at once, beside as many bare clones, and what they cost the host while they are idle. Wants root,
 * `dist/pacific`, `dist/guest` and the demo image; runs itself in a network namespace of its own, as
 * `unshare --net sh -c 'ip link set lo up && exec "$@"' sh bun test/performance/pod-start.ts`.
 */
import { join } from "node:path";
import { Cluster, root } from "../framework/cluster.ts";
import { enterPrivateNetwork } from "../framework/private-network.ts";
import { builtImage } from "../integration/crx/fixtures.ts";
import { BareClones } from "./bare-clones.ts";
import { type DemoPlace, demoPod } from "./demo-pod.ts";
import { print, printMark, printTimes } from "./figures.ts";
import { median } from "./load/distribution.ts";
import { bootBare } from "./machine-floor.ts";
import { clonesAtOnce, measureFleet } from "./pod-fleet.ts";
import { type PodStart, startSteps, tracePodStart, waitForSpare } from "./pod-start-trace.ts";
import { RuntimeStarts } from "./runtime-starts.ts";
import { untilCloning } from "./until-cloning.ts";

/** One whose machines are new clones, and one with a pool. */
const [cloning, pooling] = ["box-1", "box-2"];
const clonedMs = [400, 700] as const;
const pooledMs = [200, 400] as const;
const bareRatio = 1.5;
/** What the machine of a Pod without limits has. */
const small = { memoryBytes: 320 << 20 };
const largeLimits = { cpu: "4", memory: "4Gi" };

function printSteps(pods: readonly PodStart[]): void {
  print("of a new clone, in the middle:");
  for (const [index, step] of startSteps.entries()) {
    const at = (pod: PodStart, which: number): number => pod.reachedMs[which] ?? 0;
    const spent = median(pods.map((pod) => at(pod, index) - at(pod, index - 1)));
    const reached = median(pods.map((pod) => at(pod, index)));
    print(
      `  ${step.padEnd(32)} + ${spent.toFixed(0).padStart(5)} ms  at ${reached.toFixed(0).padStart(5)} ms`,
    );
  }
  print(`  QEMU's processor time: ${median(pods.map((pod) => pod.cpuMs))} ms`);
}

const firstLineMs = ({ reachedMs }: PodStart): number => reachedMs.at(-1) ?? Number.NaN;

await enterPrivateNetwork();
const [rounds, fleet] = [Number(process.argv[2] ?? 9), Number(process.argv[3] ?? 50)];
const { kernelArguments }: { readonly kernelArguments: string } = await Bun.file(builtImage.manifest).json();
const cluster = new Cluster(16_700, { hostFlags: ["--accel", "tcg"] });
try {
  await cluster.start();
  const daemon = await cluster.addHost(cloning, ["--crx-pool", "0"]);
  await cluster.addHost(pooling, ["--crx-pool", "1"]);
  for (const node of [cloning, pooling]) await cluster.importImage(node, join(root, "dist/images/demo.tar"));
  const { pods } = await untilCloning(cluster, [cloning, pooling]);
  const bare = await BareClones.open();
  const alone = [await RuntimeStarts.open("clone"), await RuntimeStarts.open("pool")] as const;
  let made = 0;
  const start = async (place: DemoPlace & { readonly node: string }): Promise<PodStart> => {
    const folder = cluster.hostFolder(place.node);
    if (place.node === pooling) await waitForSpare(folder);
    return await tracePodStart(pods, folder, demoPod(`start-${++made}`, place));
  };
  const floors = { boot: [] as number[], clone: [] as number[] };
  const steps = { cloned: [] as number[], pooled: [] as number[] };
  const starts = {
    cloned: [] as PodStart[],
    pooled: [] as PodStart[],
    largeCloned: [] as PodStart[],
    largePooled: [] as PodStart[],
  };
  for (let round = 0; round <= rounds; round++) {
    // The first round of each warms caches and does not count.
    if (round === 1) for (const all of Object.values({ ...floors, ...steps, ...starts })) all.length = 0;
    floors.boot.push((await bootBare(kernelArguments)).readyMs);
    floors.clone.push(await bare.one());
    steps.cloned.push(await alone[0].measure(small, "clone"));
    steps.pooled.push(await alone[1].measure(small, "pool"));
    starts.cloned.push(await start({ node: cloning }));
    starts.pooled.push(await start({ node: pooling }));
    starts.largeCloned.push(await start({ node: cloning, limits: largeLimits }));
    starts.largePooled.push(await start({ node: pooling, limits: largeLimits }));
  }
  printTimes("cold boot to PID 1's first answer", floors.boot);
  printTimes("bare clone that answers a ping", floors.clone);
  printTimes("the steps by the runtime alone, new clone", steps.cloned);
  printTimes("the steps by the runtime alone, from the pool", steps.pooled);
  const [cloned, pooled] = [starts.cloned.map(firstLineMs), starts.pooled.map(firstLineMs)];
  printTimes("Pod by a new clone", cloned, clonedMs);
  printTimes("Pod from the pool", pooled, pooledMs);
  printTimes("Pod of 4 CPUs and 4 GiB by a new clone", starts.largeCloned.map(firstLineMs));
  printTimes("Pod of 4 CPUs and 4 GiB from the pool", starts.largePooled.map(firstLineMs));
  printMark("Pod by a new clone to bare steps", median(cloned) / median(steps.cloned), bareRatio, "times");
  printMark("Pod from the pool to bare steps", median(pooled) / median(steps.pooled), bareRatio, "times");
  const wereOfPool = starts.pooled.filter(({ start: how }) => how === "pool").length;
  print(`from the pool in truth: ${wereOfPool} of ${starts.pooled.length}`);
  printSteps(starts.cloned);
  for (const each of alone) await each.close();
  const bareFleet = await bare.fleet(fleet, clonesAtOnce);
  bare.close();
  print(`${fleet} bare clones, ${clonesAtOnce} at a time: ${(bareFleet.tookMs / 1000).toFixed(1)} s`);
  await measureFleet({
    ...{ pods, node: cloning, folder: cluster.hostFolder(cloning), daemon, supervisor: cluster.supervisor },
    ...{ count: fleet, bare: bareFleet },
  });
} finally {
  await cluster.remove();
}
