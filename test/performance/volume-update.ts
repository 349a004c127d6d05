/**
 * The mark of a volume's update: `bun test/performance/volume-update.ts [ROUNDS]`. From the API's answer to a changed
 * ConfigMap to the first line that a container prints after it has read the new file, beside the floor in turns with
 * it: the same line after an exec has written a file of the same size. The container looks every 20 ms. Wants root,
 * `dist/pacific`, `dist/guest` and the demo image; runs itself in a network namespace of its own.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HttpTransport } from "../../supervisor/client/http-transport.ts";
import { loadKubeconfig } from "../../supervisor/client/kubeconfig.ts";
import { createClient } from "../../supervisor/client/rest-client.ts";
import { Cluster, root } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { Pods, podManifest } from "../framework/pods.ts";
import { enterPrivateNetwork } from "../framework/private-network.ts";
import { quantile } from "./load/distribution.ts";

const markMs = 2000;
const timeoutMs = 30_000;
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

/** Prints what each of both files holds whenever that has changed. */
const script = `
trap 'exit 0' TERM
while :; do
  for file in /live/text /scratch/text; do
    read -r text <$file || continue
    case " $seen " in *" $text "*) ;; *) echo $text; seen="$seen $text" ;; esac
  done 2>/dev/null
  sleep 0.02
done`;

function report(name: string, values: readonly number[]): void {
  const [p50, p95] = [quantile(values, 0.5), quantile(values, 0.95)];
  print(`${name.padEnd(48)} p50 ${p50.toFixed(0).padStart(5)} ms, p95 ${p95.toFixed(0).padStart(5)} ms`);
}

async function measure(cluster: Cluster, rounds: number): Promise<void> {
  const transport = new HttpTransport((await loadKubeconfig(cluster.kubeconfig)).transport);
  const maps = createClient(transport).resource(
    { group: "", version: "v1", resource: "configmaps" },
    "default",
  );
  await cluster.kubectl("create", "configmap", "live", "--from-literal=text=begin");
  const volumes = [
    { name: "live", configMap: { name: "live" } },
    { name: "scratch", emptyDir: {} },
  ];
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }));
  const container = { command: ["sh", "-c", script], imagePullPolicy: "Never", volumeMounts };
  const pods = new Pods(cluster);
  const pod = await pods.run(podManifest("live", "pacific.local/demo:latest", container, { volumes }));
  const folder = `logs/pods/default_live_${pod.metadata?.uid}/main`;
  const log = join(cluster.hostFolder("box-1"), folder, "0.log");
  const printed = (text: string): Promise<unknown> =>
    eventually(`${text} is printed`, timeoutMs, () => readFileSync(log, "utf8").includes(text));
  const updates: number[] = [];
  const floors: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [update, floor] = [`update-${round}-`, `floor-${round}-`];
    await maps.patch("live", { data: { text: `${update}\n` } }, "application/merge-patch+json");
    const answered = performance.now();
    await printed(update);
    updates.push(performance.now() - answered);
    const begun = performance.now();
    await pods.exec("live", "sh", "-c", `echo ${floor} >/scratch/text`);
    await printed(floor);
    floors.push(performance.now() - begun);
  }
  report("written by an exec, from kubectl's start", floors);
  report("changed in the API, from its answer", updates);
  print(`mark ${markMs} ms: ${quantile(updates, 1) <= markMs ? "met" : "MISSED"} by all of ${rounds}`);
}

await enterPrivateNetwork();
const cluster = new Cluster(16448);
try {
  await cluster.start();
  await cluster.addHost("box-1");
  await cluster.importImage("box-1", join(root, "dist/images/demo.tar"));
  await measure(cluster, Number(process.argv[2] ?? 20));
} finally {
  await cluster.remove();
}
