import { type Distribution, distribution } from "./distribution.ts";
import type { LoadRequest } from "./load-connection.ts";
import { type LoadTarget, openConnection } from "./open-connection.ts";
import { ProcessMeter } from "./processes.ts";

export interface ClosedLoopOptions extends LoadTarget {
  readonly count: number;
  readonly concurrency: number;
  readonly pids: ReadonlyMap<string, number>;
  readonly request: (index: number) => LoadRequest;
}

export interface ClosedLoopResult {
  readonly perSecond: number;
  readonly latencyMs: Distribution;
  /** CPU of each measured process for one request. */
  readonly cpuMsPerRequest: ReadonlyMap<string, number>;
  readonly clientCpuMsPerRequest: number;
  /** Cores that neither the server nor the client kept busy. */
  readonly otherCores: number;
  readonly rssMiB: ReadonlyMap<string, number>;
  /** How often each status came that is an error; empty when all went well. */
  readonly errors: ReadonlyMap<string, number>;
  readonly firstError: string;
}

/**
 * Sends `count` requests, each of `concurrency` connections the next one as soon as it has its answer. The connections
 * are opened before the clock starts: handshakes are not what is measured.
 */
export async function closedLoop(options: ClosedLoopOptions): Promise<ClosedLoopResult> {
  const { count, concurrency, pids, request } = options;
  const connections = await Promise.all(Array.from({ length: concurrency }, () => openConnection(options)));
  await Promise.all(connections.map((connection) => connection.request({ method: "GET", path: "/version" })));
  const latencies = new Float64Array(count);
  const errors = new Map<string, number>();
  let firstError = "";
  let next = 0;
  const meter = new ProcessMeter(pids);
  const start = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      while (next < count) {
        const index = next++;
        const sent = performance.now();
        const { status, body } = await connection.request(request(index));
        latencies[index] = performance.now() - sent;
        if (status < 400) continue;
        errors.set(String(status), (errors.get(String(status)) ?? 0) + 1);
        firstError ||= body.slice(0, 400);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const otherCores = meter.otherCores();
  const clientCpuMs = meter.clientCpuMs();
  for (const connection of connections) connection.close();
  return {
    perSecond: count / seconds,
    latencyMs: distribution(latencies),
    cpuMsPerRequest: new Map([...meter.cpuMs()].map(([name, cpuMs]) => [name, cpuMs / count])),
    clientCpuMsPerRequest: clientCpuMs / count,
    otherCores,
    rssMiB: meter.rssMiB(),
    errors,
    firstError,
  };
}

/** One line for a person: rate, latencies, CPU, and what went wrong. */
export function renderClosedLoop(name: string, result: ClosedLoopResult): string {
  const { latencyMs, cpuMsPerRequest, rssMiB, errors } = result;
  const parts = [
    name.padEnd(22),
    `${result.perSecond.toFixed(0).padStart(6)}/s`,
    `p50 ${latencyMs.p50.toFixed(2)} p99 ${latencyMs.p99.toFixed(2)} max ${latencyMs.max.toFixed(1)} ms`,
    ...[...cpuMsPerRequest].map(([process, ms]) => `${process} ${ms.toFixed(3)} ms CPU`),
    ...[...rssMiB].map(([process, mib]) => `${process} ${mib.toFixed(0)} MiB`),
    `client ${result.clientCpuMsPerRequest.toFixed(3)} ms CPU`,
    `others ${result.otherCores.toFixed(2)} cores`,
  ];
  if (errors.size > 0) parts.push(`ERRORS ${JSON.stringify([...errors])} ${result.firstError}`);
  return parts.join("  ");
}
