import { timestamp } from "../../../supervisor/base/timestamp.ts";
import { cpuStats, fsStats } from "./pod-stats.ts";
import { ioOf, psiOf } from "./psi-stats.ts";
import type { ContainerStats, NetworkStats, NodeStats } from "./summary.ts";
import type { UsageRates } from "./usage-rate.ts";
import type { Usage } from "./usage-reader.ts";

/** The key of the node's own rate. */
export const nodeRateKey = "/";

/** The box's part of the summary. `ratesFromMs` is since when its counters were watched. */
export function nodeStats(nodeName: string, usage: Usage, rates: UsageRates): NodeStats {
  const { host, nodeFs, images } = usage;
  const time = timestamp(host.atMs);
  const { memory, swap } = host;
  const fs = fsStats(time, nodeFs);
  const rate = rates.rate(nodeRateKey, host, host.bootMs);
  return {
    nodeName,
    systemContainers: [daemonStats(time), podsStats(time, usage)],
    startTime: timestamp(host.bootMs),
    cpu: { ...cpuStats(time, host.cpuNanoseconds, rate), ...psiOf(host.pressures.cpu) },
    memory: {
      time,
      availableBytes: memory.totalBytes - memory.workingSetBytes,
      usageBytes: memory.usedBytes,
      workingSetBytes: memory.workingSetBytes,
      rssBytes: memory.residentBytes,
      pageFaults: memory.pageFaults,
      majorPageFaults: memory.majorPageFaults,
      ...psiOf(host.pressures.memory),
    },
    ...network(time, usage),
    fs,
    runtime: { imageFs: { ...fs, usedBytes: images.usedBytes, inodesUsed: images.count }, containerFs: fs },
    rlimit: { time, maxpid: host.processes.max, curproc: host.processes.current },
    swap: { time, swapAvailableBytes: swap.totalBytes - swap.usedBytes, swapUsageBytes: swap.usedBytes },
    ...ioOf(time, host.pressures),
  };
}

/** This daemon. */
function daemonStats(time: string): ContainerStats {
  const { user, system } = process.cpuUsage();
  const { rss } = process.memoryUsage();
  const { minorPageFault, majorPageFault } = process.resourceUsage();
  return {
    name: "kubelet",
    startTime: timestamp(Date.parse(time) - process.uptime() * 1000),
    cpu: { time, usageCoreNanoSeconds: (user + system) * 1000 },
    memory: {
      time,
      usageBytes: rss,
      workingSetBytes: rss,
      rssBytes: rss,
      pageFaults: minorPageFault + majorPageFault,
      majorPageFaults: majorPageFault,
    },
  };
}

/** All Pods' machines. */
function podsStats(time: string, { sandboxes, host }: Usage): ContainerStats {
  let cpu = 0;
  let bytes = 0;
  let pageFaults = 0;
  let majorPageFaults = 0;
  for (const { stats } of sandboxes) {
    pageFaults += stats?.pods?.memory.pageFaults ?? 0;
    majorPageFaults += stats?.pods?.memory.majorPageFaults ?? 0;
    cpu += stats?.machine.cpuNanoseconds ?? 0;
    bytes += stats ? stats.machine.memoryBytes - stats.machine.memoryAvailableBytes : 0;
  }
  return {
    name: "pods",
    startTime: timestamp(host.bootMs),
    cpu: { time, usageCoreNanoSeconds: cpu },
    memory: {
      time,
      availableBytes: host.memory.totalBytes - bytes,
      usageBytes: bytes,
      workingSetBytes: bytes,
      pageFaults,
      majorPageFaults,
    },
  };
}

function network(time: string, { host }: Usage): { readonly network?: NetworkStats } {
  const { interfaces } = host;
  const main = interfaces.find(({ name }) => name === host.defaultInterface) ?? interfaces[0];
  return main ? { network: { time, ...main, interfaces } } : {};
}
