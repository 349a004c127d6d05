/**
 * The host's marks: `bun test/performance/host.ts`. What the daemon takes at rest, and how long a Pod takes from the
 * API's answer to the first line of its log, beside a bare boot of the same kernel and PID 1 in turns with it. Wants
 * `dist/pacific`, `dist/guest`, the demo image and a busy-free box; Pods have no network, so no root is needed.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import { sleep } from "../../supervisor/base/signals.ts";
import { HttpTransport } from "../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../supervisor/client/kubeconfig.ts";
import { createClient } from "../../supervisor/client/rest-client.ts";
import type { ResourceClient } from "../../supervisor/client/types.ts";
import { Cluster, root } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { builtImage } from "../integration/crx/fixtures.ts";
import { median } from "./load/distribution.ts";
import { type Boot, bootBare, cpuMs } from "./machine-floor.ts";

const rounds = 7;
const settleMs = 15_000;
const restMs = 30_000;
const node = "box-1";
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

function residentMebibytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kibibytes) / 1024;
}

async function measureRest(pid: number): Promise<void> {
  await sleep(settleMs);
  const before = cpuMs(pid);
  await sleep(restMs);
  const share = ((cpuMs(pid) - before) / restMs) * 100;
  print(
    `host at rest: ${residentMebibytes(pid).toFixed(0)} MiB resident (mark 80), ${share.toFixed(2)} % of a core (mark 0.5)`,
  );
}

/** From the API's answer to the first line of the Pod's log. */
async function startPod(pods: ResourceClient<V1Pod>, hostFolder: string, name: string): Promise<number> {
  const created = await pods.create({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: "main",
          image: "pacific.local/demo:latest",
          imagePullPolicy: "Never",
          command: ["sh", "-c", "echo hi; exec sleep 1000"],
        },
      ],
    },
  });
  const answeredAt = performance.now();
  const log = join(hostFolder, `logs/pods/default_${name}_${created.metadata?.uid}/main/0.log`);
  while ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) === 0) await sleep(1);
  const tookMs = performance.now() - answeredAt;
  await pods.delete(name);
  await eventually("the Pod is gone", 30_000, async () => (await pods.list()).items.length === 0);
  return tookMs;
}

const cluster = new Cluster(16_700, { hostFlags: ["--network", "none", "--accel", "tcg"] });
try {
  await cluster.start();
  const host = await cluster.addHost(node);
  await cluster.importImage(node, join(root, "dist/images/demo.tar"));
  await measureRest(host.pid);
  const { transport } = await loadKubeconfig(cluster.kubeconfig);
  const client = createClient(new HttpTransport({ ...transport, userAgent: "pacific-performance" }));
  const pods = client.resource<V1Pod>({ group: "", version: "v1", resource: "pods" }, "default");
  const manifest: { readonly kernelArguments: string } = await Bun.file(builtImage.manifest).json();
  const floors: Boot[] = [];
  const starts: number[] = [];
  for (let round = 0; round < rounds; round++) {
    floors.push(await bootBare(manifest.kernelArguments));
    starts.push(await startPod(pods, cluster.hostFolder(node), `start-${round}`));
  }
  const floorMs = median(floors.map(({ readyMs }) => readyMs));
  const startMs = median(starts);
  print(`bare boot to PID 1's first answer: ${floorMs.toFixed(0)} ms`);
  print(
    `Pod, API's answer to the first line: ${startMs.toFixed(0)} ms, ${(startMs / floorMs).toFixed(2)} times (mark 1.6)`,
  );
  await measureRest(host.pid);
} finally {
  await cluster.remove();
}
