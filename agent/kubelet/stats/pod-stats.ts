import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { timestamp } from "../../../supervisor/base/timestamp.ts";
import type { FileSystemUsage, GroupUsage, NetworkUsage } from "../../runtime/pod-sandbox-stats.ts";
import { ioOf, psiOf } from "./psi-stats.ts";
import type {
  ContainerStats,
  CpuStats,
  FsStats,
  MemoryStats,
  NetworkStats,
  PodStats,
  VolumeStats,
} from "./summary.ts";
import type { CpuReading, UsageRates } from "./usage-rate.ts";
import type { LogUsage, SandboxUsage } from "./usage-reader.ts";

/** A Pod's part of the summary. `pod` tells which of its volumes are claims. */
export function podStats(
  usage: SandboxUsage,
  pod: V1Pod | undefined,
  nodeFs: FileSystemUsage,
  rates: UsageRates,
): PodStats {
  const { sandbox, stats } = usage;
  const { namespace, name, uid } = sandbox.metadata;
  const podRef = { name, namespace, uid };
  const startTime = timestamp(sandbox.createdAt.getTime());
  const containers = containerStats(usage, nodeFs, rates);
  if (!stats) return { podRef, startTime, containers };
  const time = timestamp(stats.atMs);
  const { machine, pods, network, volumes } = stats;
  const reading = cpuReading(stats.atMs, machine);
  const cpu = cpuStats(time, reading.cpuNanoseconds, rates.rate(uid, reading, sandbox.createdAt.getTime()));
  const usedBytes = machine.memoryBytes - machine.memoryAvailableBytes;
  const memory = pods ? memoryStats(time, pods) : { time, usageBytes: usedBytes, workingSetBytes: usedBytes };
  const volume = volumes.map(({ name: volumeName, fileSystem }) =>
    volumeStats(time, volumeName, fileSystem, pod),
  );
  return {
    podRef,
    startTime,
    containers,
    cpu: { ...cpu, ...psiOf(pods?.pressures?.cpu) },
    memory: { ...memory, availableBytes: machine.memoryAvailableBytes },
    ...(network && { network: networkStats(time, network) }),
    ...(volume.length > 0 && { volume }),
    "ephemeral-storage": ephemeralStorage(time, usage, pod, nodeFs),
    ...(pods && { process_stats: { process_count: pods.processes?.processCount ?? pods.threadCount } }),
    swap: { time, swapAvailableBytes: 0, swapUsageBytes: 0 },
    ...ioOf(time, pods?.pressures),
  };
}

function containerStats(
  { containers, stats, logs }: SandboxUsage,
  nodeFs: FileSystemUsage,
  rates: UsageRates,
): ContainerStats[] {
  return containers.map(({ id, metadata, startedAt, createdAt }) => {
    const startedAtMs = (startedAt ?? createdAt).getTime();
    const own = stats?.containers.find((container) => container.id === id);
    const named = { name: metadata.name, startTime: timestamp(startedAtMs) };
    if (!stats || !own) return named;
    const time = timestamp(stats.atMs);
    const { cpuNanoseconds } = own.usage;
    const rate = rates.rate(id, cpuReading(stats.atMs, own.usage), startedAtMs);
    const log = logs.get(metadata.name);
    return {
      ...named,
      cpu: { ...cpuStats(time, cpuNanoseconds, rate), ...psiOf(own.usage.pressures?.cpu) },
      memory: memoryStats(time, own.usage),
      ...(own.root && { rootfs: fsStats(time, own.root) }),
      ...(log && { logs: logStats(time, log, nodeFs) }),
      swap: { time, swapAvailableBytes: 0, swapUsageBytes: 0 },
      ...ioOf(time, own.usage.pressures),
    };
  });
}

function cpuReading(
  atMs: number,
  { cpuNanoseconds, cpuReadAtMs }: Pick<GroupUsage, "cpuNanoseconds" | "cpuReadAtMs">,
): CpuReading {
  return { atMs, cpuNanoseconds, ...(cpuReadAtMs !== undefined && { readAtMs: cpuReadAtMs }) };
}

export function cpuStats(time: string, cpuNanoseconds: number, rate: number | undefined): CpuStats {
  return {
    time,
    ...(rate !== undefined && { usageNanoCores: rate }),
    usageCoreNanoSeconds: cpuNanoseconds,
  };
}

function memoryStats(time: string, { memory, pressures }: GroupUsage): MemoryStats {
  const { limitBytes, workingSetBytes } = memory;
  return {
    time,
    ...(limitBytes !== undefined && { availableBytes: Math.max(0, limitBytes - workingSetBytes) }),
    usageBytes: memory.usedBytes,
    workingSetBytes,
    rssBytes: memory.residentBytes,
    pageFaults: memory.pageFaults,
    majorPageFaults: memory.majorPageFaults,
    ...psiOf(pressures?.memory),
  };
}

export function fsStats(time: string, usage: FileSystemUsage): FsStats {
  return {
    time,
    availableBytes: usage.availableBytes,
    capacityBytes: usage.capacityBytes,
    usedBytes: usage.usedBytes,
    inodesFree: usage.freeInodeCount,
    inodes: usage.inodeCount,
    inodesUsed: usage.usedInodeCount,
  };
}

function logStats(time: string, { usedBytes, usedInodeCount }: LogUsage, nodeFs: FileSystemUsage): FsStats {
  return { ...fsStats(time, nodeFs), usedBytes, inodesUsed: usedInodeCount };
}

function volumeStats(
  time: string,
  name: string,
  fileSystem: FileSystemUsage,
  pod: V1Pod | undefined,
): VolumeStats {
  const claim = pod?.spec?.volumes?.find((volume) => volume.name === name)?.persistentVolumeClaim;
  const namespace = pod?.metadata?.namespace ?? "";
  return {
    ...fsStats(time, fileSystem),
    name,
    ...(claim && { pvcRef: { name: claim.claimName, namespace } }),
  };
}

/** Writable layers, logs, and volumes that go with the Pod, as the kubelet adds them up. */
function ephemeralStorage(
  time: string,
  { stats, logs }: SandboxUsage,
  pod: V1Pod | undefined,
  nodeFs: FileSystemUsage,
): FsStats {
  const local = new Set((pod?.spec?.volumes ?? []).filter(isLocalEphemeral).map(({ name }) => name));
  const parts = [
    ...(stats?.containers ?? []).flatMap(({ root }) => (root ? [root] : [])),
    ...(stats?.volumes ?? []).flatMap(({ name, fileSystem }) => (local.has(name) ? [fileSystem] : [])),
    ...logs.values(),
  ];
  const usedBytes = parts.reduce((sum, part) => sum + part.usedBytes, 0);
  const inodesUsed = parts.reduce((sum, part) => sum + part.usedInodeCount, 0);
  return { ...fsStats(time, nodeFs), usedBytes, inodesUsed };
}

/** Volumes whose use counts as the Pod's `ephemeral-storage` (kubelet `LocalVolumeNames`). */
function isLocalEphemeral(volume: NonNullable<NonNullable<V1Pod["spec"]>["volumes"]>[number]): boolean {
  const { emptyDir, gitRepo, configMap } = volume;
  return (emptyDir !== undefined && emptyDir.medium !== "Memory") || !!gitRepo || !!configMap;
}

function networkStats(time: string, usage: NetworkUsage): NetworkStats {
  const own = {
    name: usage.interfaceName,
    rxBytes: usage.receivedBytes,
    rxErrors: usage.receiveErrors,
    txBytes: usage.sentBytes,
    txErrors: usage.sendErrors,
  };
  return { time, ...own, interfaces: [own] };
}
