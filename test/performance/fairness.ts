/**
 * What one client's flood does to another's requests: `bun test/performance/fairness.ts [PROGRAM]`, the program being
 * `dist/pacific` unless given. One user lists 5,000 ConfigMaps over 64 connections, another reads one object after the
 * other; no mark, for orientation: the reader's waits alone and beside the flood.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { HttpTransportOptions } from "../../supervisor/client/http-transport.ts";
import { closedLoop } from "./load/closed-loop.ts";
import { distribution } from "./load/distribution.ts";
import { configMap, paddedNumber } from "./load/objects.ts";
import { openConnection } from "./load/open-connection.ts";
import { prepare } from "./load/phases.ts";
import { freePort, startServer } from "./load/running-server.ts";

const configMaps = 5000;
const floods = 64;
const reads = 300;
const program = resolve(process.argv[2] ?? "dist/pacific");
const path = "/api/v1/namespaces/bench/configmaps";

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

if (!existsSync(program)) {
  process.stderr.write(`There is no ${program}: build it by ./install.sh build, or name another one\n`);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), "pacific-fairness-"));
const tokens = join(folder, "tokens.csv");
writeFileSync(tokens, 'flood-token,flood,1,"readers"\ncalm-token,calm,2,"readers"\n');
const listen = `127.0.0.1:${await freePort()}`;
const server = await startServer(({ dataDir, kubeconfig }) => [
  ...[program, "supervisor", "--data-dir", dataDir, "--listen", listen, "--token-auth-file", tokens],
  ...["--write-kubeconfig", kubeconfig, "--disable", "scheduler,controllers"],
]);

function as(token: string): { readonly server: HttpTransportOptions; readonly client: "socket" } {
  const { credentials: _, ...own } = server.server;
  return { server: { ...own, credentials: { token } }, client: "socket" };
}

/** How long each of the reader's requests takes. */
async function readOneAfterTheOther(): Promise<readonly number[]> {
  const connection = await openConnection(as("calm-token"));
  const times: number[] = [];
  for (let index = 0; index < reads; index++) {
    const start = performance.now();
    const { status } = await connection.request({ method: "GET", path: `${path}/cm-000007` });
    if (status !== 200) throw new Error(`A read was answered with ${status}`);
    times.push(performance.now() - start);
  }
  connection.close();
  return times;
}

function printWaits(name: string, times: readonly number[]): void {
  const { p50, p99, max } = distribution(times);
  print(`${name.padEnd(34)} p50 ${p50.toFixed(1)}  p99 ${p99.toFixed(1)}  max ${max.toFixed(1)} ms`);
}

try {
  const admin = { server: server.server, client: "socket" as const, namespace: "bench" };
  await prepare(admin);
  const made = await closedLoop({
    ...admin,
    concurrency: 16,
    count: configMaps,
    pids: new Map(),
    request: (index) => ({ method: "POST", path, body: configMap("bench", `cm-${paddedNumber(index)}`) }),
  });
  if (made.errors.size > 0) throw new Error(made.firstError);
  const binding = {
    metadata: { name: "readers" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "readers" }],
  };
  const connection = await openConnection(admin);
  await connection.request({
    method: "POST",
    path: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    body: Buffer.from(JSON.stringify(binding)),
  });
  connection.close();
  printWaits("a reader alone", await readOneAfterTheOther());
  let isFlooding = true;
  const codes = new Map<number, number>();
  const flooding = Array.from({ length: floods }, async () => {
    const own = await openConnection(as("flood-token"));
    while (isFlooding) {
      const { status } = await own.request({ method: "GET", path });
      codes.set(status, (codes.get(status) ?? 0) + 1);
    }
    own.close();
  });
  printWaits(`beside ${floods} connections that list`, await readOneAfterTheOther());
  isFlooding = false;
  await Promise.all(flooding);
  print(
    `the flood was answered with ${Array.from(codes, ([code, count]) => `${code}: ${count}`).join(", ")}`,
  );
} finally {
  await server.stop();
  rmSync(folder, { recursive: true });
}
