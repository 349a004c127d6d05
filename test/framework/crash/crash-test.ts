import { afterAll, beforeAll, test } from "bun:test";
import { join } from "node:path";
import { messageOf } from "../../../supervisor/base/errors.ts";
import { Cluster, root } from "../cluster.ts";
import { requirePrivateNetwork } from "../private-network.ts";
import { RandomSource } from "../random-source.ts";
import { CrashRun } from "./crash-run.ts";

const node = "box-1";
const secondsOfKill = 90;

/**
 * Defines the tests of a part that kills so many times, when and what by the seed. `PACIFIC_CRASH_SEED` repeats a run as
 * far as time lets it.
 */
export function crashTest(part: string, port: number, kills: number, ownSeed: number): void {
  requirePrivateNetwork(part);
  const cluster = new Cluster(port);
  const seed = Number(process.env.PACIFIC_CRASH_SEED ?? ownSeed);

  beforeAll(async () => {
    await cluster.start();
    await cluster.addHost(node);
    await cluster.importImage(node, join(root, "dist/images/demo.tar"));
  }, 600_000);

  afterAll(() => cluster.supervisor.stop());

  test(
    `nothing is lost or doubled when daemon and machines are killed ${kills} times (seed ${seed})`,
    async () => {
      const run = await CrashRun.open(cluster, node, new RandomSource(seed));
      try {
        await run.kill(kills);
      } catch (cause) {
        const logs = cluster.keepLogs(part).join(" and ");
        throw new Error(`${messageOf(cause)}\nThe whole logs are in ${logs}`, { cause });
      }
    },
    kills * secondsOfKill * 1000,
  );

  test("and nothing is left of the host afterwards", async () => {
    await cluster.remove();
  }, 600_000);
}
