import { expect, test } from "bun:test";
import { FieldReader, FieldWriter } from "../channel/fields.ts";
import { tag } from "../channel/protocol.ts";
import { readGuestStats } from "./guest-stats.ts";

test("readGuestStats reads a machine, its containers and its volumes", () => {
  const group = new FieldWriter()
    .text(tag.container, "c1")
    .u64(tag.cpuUsage, 1500n)
    .u64(tag.memoryCurrent, 5000n)
    .u64(tag.memoryInactiveFile, 1000n)
    .u32(tag.pidsCurrent, 3)
    .u64(tag.fsCapacity, 100n)
    .u64(tag.fsUsed, 40n)
    .u64(tag.fsInodes, 10n)
    .u64(tag.fsInodesFree, 7n)
    .u32(tag.cpuWeight, 20)
    .u64(tag.cpuPeriod, 100_000n)
    .u64(tag.cpuThrottled, 70n)
    .u32(tag.pidsMax, 0)
    .u64(tag.memoryPeak, 6000n)
    .u32(tag.processes, 2)
    .u32(tag.openFiles, 11)
    .group(tag.ioGroup, new FieldWriter().text(tag.path, "/dev/vda").u64(tag.readBytes, 512n));
  const volume = new FieldWriter().text(tag.mountSource, "data").u64(tag.fsCapacity, 9n);
  const answer = new FieldWriter()
    .u64(tag.memoryTotal, 1n << 30n)
    .group(tag.containerGroup, group)
    .group(tag.podsGroup, new FieldWriter().u64(tag.memoryCurrent, 7000n))
    .group(tag.volumeGroup, volume);
  const stats = readGuestStats(new FieldReader(answer.finish()));
  expect(stats.machine.memoryBytes).toBe(2 ** 30);
  expect(stats.pods).toMatchObject({ memory: { usedBytes: 7000 }, processes: { processCount: 2 } });
  expect(stats.containers).toHaveLength(1);
  expect(stats.containers[0]).toMatchObject({
    id: "c1",
    usage: {
      cpuNanoseconds: 1_500_000,
      cpu: { periodMicroseconds: 100_000, weight: 20, throttledMicroseconds: 70 },
      memory: { usedBytes: 5000, workingSetBytes: 4000, peakBytes: 6000 },
      threadCount: 3,
      processes: { processCount: 2, openFileCount: 11, openSocketCount: 0 },
      disks: [{ device: "/dev/vda", readBytes: 512, writtenBytes: 0, readCount: 0, writeCount: 0 }],
    },
    root: { capacityBytes: 100, usedBytes: 40, usedInodeCount: 3 },
  });
  expect(stats.volumes).toMatchObject([{ name: "data", fileSystem: { capacityBytes: 9, usedBytes: 0 } }]);
});

test("readGuestStats takes an older guest's answer", () => {
  const group = new FieldWriter().text(tag.container, "c1").u64(tag.cpuUsage, 7n);
  const stats = readGuestStats(new FieldReader(new FieldWriter().group(tag.containerGroup, group).finish()));
  expect(stats.containers[0]?.usage.memory.residentBytes).toBe(0);
  for (const absent of ["cpu", "processes", "maxThreadCount"]) {
    expect(stats.containers[0]?.usage).not.toHaveProperty(absent);
  }
  expect(stats.pods).toBeUndefined();
  expect(stats.containers[0]).not.toHaveProperty("root");
});
