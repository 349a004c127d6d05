import { type ClosedLoopResult, closedLoop, renderClosedLoop } from "./closed-loop.ts";
import { distribution } from "./distribution.ts";
import type { LoadRequest } from "./load-connection.ts";
import { configMap, paddedNumber, pod, statusPatch } from "./objects.ts";
import { type LoadTarget, openConnection } from "./open-connection.ts";
import type { LoadOptions, PhaseName } from "./options.ts";
import { watchFanOut } from "./watch-fan-out.ts";

type Print = (line: string) => void;

/** Makes the namespace and its service account where they are missing, as a Pod needs them. */
export async function prepare(options: LoadTarget & Pick<LoadOptions, "namespace">): Promise<void> {
  const connection = await openConnection(options);
  const name = options.namespace;
  const post = async (path: string, object: unknown): Promise<void> => {
    const body = Buffer.from(JSON.stringify(object));
    const answer = await connection.request({ method: "POST", path, body });
    if (answer.status >= 400 && answer.status !== 409) {
      throw new Error(`POST ${path} was answered with ${answer.status}: ${answer.body}`);
    }
  };
  await post("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  const account = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "default", namespace: name },
  };
  await post(`/api/v1/namespaces/${name}/serviceaccounts`, account);
  connection.close();
}

/** Creates ConfigMaps at one concurrency, after those that were there are deleted. */
export async function createConfigMaps(options: LoadOptions, concurrency: number): Promise<ClosedLoopResult> {
  const { namespace, configMaps } = options;
  const path = collection(namespace, "configmaps");
  await clear(options, path);
  return closedLoop({
    ...options,
    concurrency,
    count: configMaps,
    request: (index) => ({ method: "POST", path, body: configMap(namespace, `cm-${paddedNumber(index)}`) }),
  });
}

/** Reads at one concurrency the ConfigMaps that {@link createConfigMaps} left, in no order that a cache would like. */
export function readConfigMaps(options: LoadOptions, concurrency: number): Promise<ClosedLoopResult> {
  const { namespace, configMaps, gets } = options;
  const path = collection(namespace, "configmaps");
  return closedLoop({
    ...options,
    concurrency,
    count: gets,
    request: (index) => ({
      method: "GET",
      path: `${path}/cm-${paddedNumber((index * 7919) % configMaps)}`,
    }),
  });
}

/** Runs one phase and prints its lines. */
export async function runPhase(phase: PhaseName, options: LoadOptions, print: Print): Promise<void> {
  if (phase === "list") return runList(options, print);
  if (phase === "watch") return runWatch(options, print);
  for (const concurrency of options.concurrencies) {
    print(renderClosedLoop(`${phase} c${concurrency}`, await runLoop(phase, options, concurrency)));
  }
}

function runLoop(
  phase: "create" | "get" | "pods" | "patch",
  options: LoadOptions,
  concurrency: number,
): Promise<ClosedLoopResult> {
  if (phase === "create") return createConfigMaps(options, concurrency);
  if (phase === "get") return readConfigMaps(options, concurrency);
  return phase === "pods" ? createPods(options, concurrency) : patchPods(options, concurrency);
}

/** Creates Pods at one concurrency, after those that were there are deleted. */
export async function createPods(options: LoadOptions, concurrency: number): Promise<ClosedLoopResult> {
  const { namespace, pods } = options;
  const path = collection(namespace, "pods");
  await clear(options, path);
  const request = (index: number): LoadRequest => ({
    method: "POST",
    path,
    body: pod(namespace, `pod-${paddedNumber(index)}`, index),
  });
  return closedLoop({ ...options, concurrency, count: pods, request });
}

/** Reports the status of the Pods that {@link createPods} left, as a kubelet does, each time another one. */
export function patchPods(options: LoadOptions, concurrency: number): Promise<ClosedLoopResult> {
  const { namespace, pods, patches } = options;
  const path = collection(namespace, "pods");
  const request = (index: number): LoadRequest => ({
    method: "PATCH",
    path: `${path}/pod-${paddedNumber(index % pods)}/status`,
    body: statusPatch(index),
    contentType: "application/merge-patch+json",
  });
  return closedLoop({ ...options, concurrency, count: patches, request });
}

async function runList(options: LoadOptions, print: Print): Promise<void> {
  const path = collection(options.namespace, "configmaps");
  const connection = await openConnection(options);
  for (const query of ["", "?resourceVersion=0", "?labelSelector=tier%3Dnone", "?limit=500"]) {
    const times: number[] = [];
    let bytes = 0;
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      const answer = await connection.request({ method: "GET", path: path + query });
      times.push(performance.now() - start);
      bytes = answer.bytes;
    }
    const { p50, max } = distribution(times);
    print(`${`list ${query}`.padEnd(34)}  ${bytes} bytes  p50 ${p50.toFixed(1)} max ${max.toFixed(1)} ms`);
  }
  connection.close();
}

async function runWatch(options: LoadOptions, print: Print): Promise<void> {
  const result = await watchFanOut({
    ...options,
    writes: options.watchedWrites,
    writesPerSecond: options.watchedWritesPerSecond,
  });
  const { afterAnswerMs, afterSendingMs } = result;
  const cpu = [...result.cpuMs].map(
    ([name, ms]) => `${name} ${(ms / options.watchedWrites).toFixed(3)} ms CPU a write`,
  );
  const rss = [...result.rssMiB].map(
    ([name, mib]) => `${name} ${(result.rssBeforeMiB.get(name) ?? 0).toFixed(0)} -> ${mib.toFixed(0)} MiB`,
  );
  print(
    [
      `watch ${options.watchers} watchers`.padEnd(22),
      `${result.received} of ${result.expected} events`,
      `after the answer p50 ${afterAnswerMs.p50.toFixed(2)} p99 ${afterAnswerMs.p99.toFixed(2)} ms`,
      `after sending p50 ${afterSendingMs.p50.toFixed(2)} p99 ${afterSendingMs.p99.toFixed(2)} ms`,
      ...cpu,
      ...rss,
    ].join("  "),
  );
}

/** Controllers keep a ConfigMap of their own in each namespace. */
const ours = "fieldSelector=metadata.name!%3Dkube-root-ca.crt";
const deleteOptions = Buffer.from('{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0}');

/** Deletes a collection, and asks again until it is empty: a server may delete it in parts. */
async function clear(options: LoadOptions, path: string): Promise<void> {
  const connection = await openConnection(options);
  for (let attempt = 0; attempt < 50; attempt++) {
    await connection.request({ method: "DELETE", path: `${path}?${ours}`, body: deleteOptions });
    const { body } = await connection.request({ method: "GET", path: `${path}?${ours}&limit=1` }, true);
    if (/"items":\[\]|"items":null/.test(body)) return connection.close();
  }
  throw new Error(`Collection ${path} cannot be emptied`);
}

function collection(namespace: string, resource: string): string {
  return `/api/v1/namespaces/${namespace}/${resource}`;
}
