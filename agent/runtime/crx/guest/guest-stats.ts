import { present } from "../../../../supervisor/base/present.ts";
import type {
  DiskTraffic,
  FileSystemUsage,
  GroupUsage,
  PodSandboxStats,
  ProcessCounts,
} from "../../pod-sandbox-stats.ts";
import { readPressure } from "../../pressure.ts";
import type { FieldReader } from "../channel/fields.ts";
import { tag } from "../channel/protocol.ts";

/** More than a guest has: it names no more disks than it can mount. */
const maxDiskCount = 80;

/** What a guest itself says of its use; its network is the host's to count. */
export type GuestStats = Omit<PodSandboxStats, "atMs" | "network">;

/** Reads the answer to `STATS`. What an older guest does not tell is 0 or absent. */
export function readGuestStats(fields: FieldReader): GuestStats {
  const [pods] = fields.groups(tag.podsGroup);
  const containers = fields.groups(tag.containerGroup).map((group) => ({
    id: group.text(tag.container) ?? "",
    usage: readGroupUsage(group),
    ...rootOf(group),
  }));
  return {
    machine: {
      cpuNanoseconds: microseconds(fields, tag.cpuUsage),
      ...present({ cpuReadAtMs: optionalCount(fields, tag.cpuReadAt) }),
      memoryBytes: count(fields, tag.memoryTotal),
      memoryAvailableBytes: count(fields, tag.memoryAvailable),
    },
    ...(pods && { pods: { ...readGroupUsage(pods), ...sumOfProcesses(containers) } }),
    containers,
    volumes: fields.groups(tag.volumeGroup).flatMap((group) => {
      const fileSystem = readFileSystem(group);
      return fileSystem ? [{ name: group.text(tag.mountSource) ?? "", fileSystem }] : [];
    }),
  };
}

function readGroupUsage(group: FieldReader): GroupUsage {
  const usedBytes = count(group, tag.memoryCurrent);
  const limitBytes = count(group, tag.memoryLimit);
  const maxThreadCount = group.u32(tag.pidsMax) ?? 0;
  const inactiveFileBytes = count(group, tag.memoryInactiveFile);
  return {
    cpuNanoseconds: microseconds(group, tag.cpuUsage),
    ...present({ cpuReadAtMs: optionalCount(group, tag.cpuReadAt) }),
    cpuUserNanoseconds: microseconds(group, tag.cpuUser),
    cpuSystemNanoseconds: microseconds(group, tag.cpuSystem),
    ...readCpuAllowance(group),
    memory: {
      usedBytes,
      workingSetBytes: Math.max(0, usedBytes - inactiveFileBytes),
      residentBytes: count(group, tag.memoryAnon),
      cacheBytes: count(group, tag.memoryFile),
      mappedBytes: count(group, tag.memoryMapped),
      ...(limitBytes > 0 && { limitBytes }),
      pageFaults: count(group, tag.pageFaults),
      majorPageFaults: count(group, tag.majorPageFaults),
      outOfMemoryKills: count(group, tag.oomKills),
      inactiveFileBytes,
      ...present({
        activeFileBytes: optionalCount(group, tag.memoryActiveFile),
        kernelBytes: optionalCount(group, tag.memoryKernel),
        peakBytes: optionalCount(group, tag.memoryPeak),
        limitHits: optionalCount(group, tag.memoryLimitHits),
      }),
    },
    threadCount: group.u32(tag.pidsCurrent) ?? 0,
    ...(maxThreadCount > 0 && { maxThreadCount }),
    ...readProcesses(group),
    disks: group.groups(tag.ioGroup).slice(0, maxDiskCount).map(readDisk),
    ...readPressures(group),
  };
}

function readCpuAllowance(group: FieldReader): Pick<GroupUsage, "cpu"> {
  const weight = group.u32(tag.cpuWeight);
  if (weight === undefined) return {};
  const cpu = {
    ...present({ quotaMicroseconds: optionalCount(group, tag.cpuQuota) }),
    periodMicroseconds: count(group, tag.cpuPeriod),
    weight,
    periodCount: count(group, tag.cpuPeriods),
    throttledPeriodCount: count(group, tag.cpuThrottledPeriods),
    throttledMicroseconds: count(group, tag.cpuThrottled),
  };
  return { cpu };
}

function readPressures(group: FieldReader): Pick<GroupUsage, "pressures"> {
  const read = (fieldTag: number) => readPressure(group.text(fieldTag) ?? "");
  const pressures = present({
    cpu: read(tag.cpuPressure),
    memory: read(tag.memoryPressure),
    io: read(tag.ioPressure),
  });
  return Object.keys(pressures).length > 0 ? { pressures } : {};
}

function readProcesses(group: FieldReader): Pick<GroupUsage, "processes"> {
  const processCount = group.u32(tag.processes);
  if (processCount === undefined) return {};
  const processes = {
    processCount,
    openFileCount: group.u32(tag.openFiles) ?? 0,
    openSocketCount: group.u32(tag.openSockets) ?? 0,
    ...present({ maxOpenFileCount: optionalCount(group, tag.openFilesMax) }),
  };
  return { processes };
}

/** Of all containers; absent where one was not counted. */
function sumOfProcesses(
  containers: ReadonlyArray<{ readonly usage: GroupUsage }>,
): Pick<GroupUsage, "processes"> {
  const parts = containers.flatMap(({ usage }) => (usage.processes ? [usage.processes] : []));
  if (parts.length < containers.length) return {};
  const sum = (field: keyof ProcessCounts): number =>
    parts.reduce((total, part) => total + (part[field] ?? 0), 0);
  const processes = {
    processCount: sum("processCount"),
    openFileCount: sum("openFileCount"),
    openSocketCount: sum("openSocketCount"),
  };
  return { processes };
}

function readDisk(group: FieldReader): DiskTraffic {
  return {
    device: group.text(tag.path) ?? "",
    readBytes: count(group, tag.readBytes),
    writtenBytes: count(group, tag.writtenBytes),
    readCount: count(group, tag.reads),
    writeCount: count(group, tag.writes),
  };
}

function rootOf(group: FieldReader): { readonly root?: FileSystemUsage } {
  const root = readFileSystem(group);
  return root ? { root } : {};
}

function readFileSystem(group: FieldReader): FileSystemUsage | undefined {
  if (group.u64(tag.fsCapacity) === undefined) return undefined;
  const inodeCount = count(group, tag.fsInodes);
  const freeInodeCount = count(group, tag.fsInodesFree);
  return {
    capacityBytes: count(group, tag.fsCapacity),
    availableBytes: count(group, tag.fsAvailable),
    usedBytes: count(group, tag.fsUsed),
    inodeCount,
    freeInodeCount,
    usedInodeCount:
      group.u64(tag.fsInodesUsed) === undefined
        ? Math.max(0, inodeCount - freeInodeCount)
        : count(group, tag.fsInodesUsed),
  };
}

/** As a number: beyond 2^53 a hostile guest's figure loses digits, and nothing else. */
function count(fields: FieldReader, fieldTag: number): number {
  return Number(fields.u64(fieldTag) ?? 0n);
}

function optionalCount(fields: FieldReader, fieldTag: number): number | undefined {
  return fields.u64(fieldTag) === undefined ? undefined : count(fields, fieldTag);
}

function microseconds(fields: FieldReader, fieldTag: number): number {
  return count(fields, fieldTag) * 1000;
}
