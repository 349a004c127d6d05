/**
 * The marks of many Pods at once: `bun test/performance/density.ts [PODS]`. Bare clones, four at a time, are the floor; then as
 * many Pods are created at once on a host without a pool, with their processor time by part, their memory by part when
 * they are idle, and the daemon's. Wants root, `dist/pacific`, `dist/guest`, the demo image and some 70 MiB for each
 * Pod; runs in a network namespace of its own, and leaves nothing however it ends.
 */
import { join } from "node:path";
import { Cluster, root } from "../framework/cluster.ts";
import { enterPrivateNetwork } from "../framework/private-network.ts";
import { BareClones } from "./bare-clones.ts";
import { print } from "./figures.ts";
import { clonesAtOnce, measureFleet } from "./pod-fleet.ts";
import { untilCloning } from "./until-cloning.ts";

const node = "box-1";

await enterPrivateNetwork();
const count = Number(process.argv[2] ?? 50);
const bareClones = await BareClones.open();
const bare = await bareClones.fleet(count, clonesAtOnce);
bareClones.close();
print(`${count} bare clones, ${clonesAtOnce} at a time: ${(bare.tookMs / 1000).toFixed(1)} s`);
const cluster = new Cluster(16_720, { hostFlags: ["--accel", "tcg"] });
try {
  await cluster.start();
  const daemon = await cluster.addHost(node, ["--crx-pool", "0"]);
  await cluster.importImage(node, join(root, "dist/images/demo.tar"));
  const { pods } = await untilCloning(cluster, [node]);
  await measureFleet({
    ...{ pods, node, folder: cluster.hostFolder(node), daemon, supervisor: cluster.supervisor },
    ...{ count, bare },
  });
} finally {
  await cluster.remove();
}
