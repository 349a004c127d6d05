import type { FileSystemUsage, GroupUsage, PodSandboxStats } from "../../pod-sandbox-stats.ts";
import type { FieldReader } from "../channel/fields.ts";
import { tag } from "../channel/protocol.ts";

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
      memoryBytes: count(fields, tag.memoryTotal),
      memoryAvailableBytes: count(fields, tag.memoryAvailable),
    },
    ...(pods && { pods: readGroupUsage(pods) }),
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
  return {
    cpuNanoseconds: microseconds(group, tag.cpuUsage),
    cpuUserNanoseconds: microseconds(group, tag.cpuUser),
    cpuSystemNanoseconds: microseconds(group, tag.cpuSystem),
    memory: {
      usedBytes,
      workingSetBytes: Math.max(0, usedBytes - count(group, tag.memoryInactiveFile)),
      residentBytes: count(group, tag.memoryAnon),
      cacheBytes: count(group, tag.memoryFile),
      mappedBytes: count(group, tag.memoryMapped),
      ...(limitBytes > 0 && { limitBytes }),
      pageFaults: count(group, tag.pageFaults),
      majorPageFaults: count(group, tag.majorPageFaults),
      outOfMemoryKills: count(group, tag.oomKills),
    },
    processCount: group.u32(tag.pidsCurrent) ?? 0,
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

function microseconds(fields: FieldReader, fieldTag: number): number {
  return count(fields, fieldTag) * 1000;
}
