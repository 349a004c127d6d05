import { afterAll, beforeAll, test } from "bun:test";
import { join } from "node:path";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { HttpTransport } from "../../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../../supervisor/client/kubeconfig.ts";
import { resources } from "../../../supervisor/client/resources.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import type { ResourceClient } from "../../../supervisor/client/types.ts";
import { Cluster, root } from "../cluster.ts";
import { eventually } from "../eventually.ts";
import { requirePrivateNetwork } from "../private-network.ts";
import { growth, type HostFootprint, hostFootprint } from "./host-footprint.ts";

const node = "box-1";
/** By then the daemon's heap and compiled code have their size, which they keep for hundreds more. */
const warmUp = 30;
const atOnce = 4;
const tolerance = 0.05;
const podTimeoutMs = 120_000;
const settleMs = 60_000;
const secondsOfPod = 60;

/** Defines the test of a part that starts and stops so many Pods and ends with as much as it began with. */
export function soakTest(part: string, port: number, count: number): void {
  requirePrivateNetwork(part);
  const cluster = new Cluster(port);

  beforeAll(async () => {
    await cluster.start();
    await cluster.addHost(node);
    await cluster.importImage(node, join(root, "dist/images/demo.tar"));
  }, 600_000);

  afterAll(() => cluster.remove(), 600_000);

  test(
    `${count} Pods that start and stop leave the host as it was`,
    async () => {
      const { transport } = await loadKubeconfig(cluster.kubeconfig);
      const client = createClient(new HttpTransport(transport));
      const pods = client.resource<V1Pod>(resources.pods, "default");
      const pid = cluster.hosts.get(node)?.pid ?? 0;
      const measure = (): HostFootprint => hostFootprint(cluster.hostFolder(node), pid);
      await startAndStop(pods, "warm", warmUp);
      const before = await calm(measure);
      await startAndStop(pods, "soak", count);
      await settled(before, measure);
    },
    (warmUp + count) * secondsOfPod * 1000,
  );
}

/** Some at a time, each as soon as there is room. */
async function startAndStop(pods: ResourceClient<V1Pod>, prefix: string, count: number): Promise<void> {
  let next = 0;
  const player = async (): Promise<void> => {
    while (next < count) {
      const number = next++;
      await liveAndDie(pods, `${prefix}-${number}`, number % 2 === 0);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, player));
}

/** Every other Pod ends by itself. */
async function liveAndDie(pods: ResourceClient<V1Pod>, name: string, endsItself: boolean): Promise<void> {
  const wait = "trap 'exit 0' TERM; while :; do sleep 0.2; done";
  const container = {
    name: "main",
    image: "pacific.local/demo:latest",
    imagePullPolicy: "Never",
    command: ["sh", "-c", endsItself ? "echo done; exit 7" : wait],
  };
  const restartPolicy = endsItself ? "Never" : "Always";
  await pods.create({
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 1, restartPolicy, containers: [container] },
  });
  const wanted = endsItself ? "Failed" : "Running";
  await eventually(`Pod ${name} is ${wanted}`, podTimeoutMs, async () => {
    return (await pods.get(name)).status?.phase === wanted;
  });
  await pods.delete(name);
  const selection = { fieldSelector: `metadata.name=${name}` };
  await eventually(`Pod ${name} is gone`, podTimeoutMs, async () => {
    return (await pods.list(selection)).items.length === 0;
  });
}

/**
 * What stays when nothing happens any more: folders and logs of the last Pods go after the Pods. Of its memory it is the most
 * that was seen: a daemon at rest gives back what it has for work, which may be before this has looked often enough.
 */
async function calm(measure: () => HostFootprint): Promise<HostFootprint> {
  let last = measure();
  let { residentKiB } = last;
  let same = 0;
  return await eventually("the host is at rest", settleMs, async () => {
    await Bun.sleep(200);
    const now = measure();
    same = growth(last, now, 0.01).length + growth(now, last, 0.01).length === 0 ? same + 1 : 0;
    last = now;
    residentKiB = Math.max(residentKiB, now.residentKiB);
    return same >= 5 ? { ...now, residentKiB } : undefined;
  });
}

async function settled(before: HostFootprint, measure: () => HostFootprint): Promise<void> {
  let more: readonly string[] = [];
  try {
    await eventually("the host has no more than before", settleMs, async () => {
      more = growth(before, measure(), tolerance);
      await Bun.sleep(500);
      return more.length === 0;
    });
  } catch (cause) {
    throw new Error(`The host has grown: ${more.join("; ")}`, { cause });
  }
  console.log(`Before: ${JSON.stringify(before)}\nAfter:  ${JSON.stringify(measure())}`);
}
