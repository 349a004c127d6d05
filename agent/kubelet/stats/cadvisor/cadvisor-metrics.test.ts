import { expect, test } from "bun:test";
import type { GroupUsage } from "../../../runtime/pod-sandbox-stats.ts";
import type { NodeFacts } from "../../node/node-facts.ts";
import { imageAnnotation } from "../../sandbox/pod-identity.ts";
import type { Usage } from "../usage-reader.ts";
import { cadvisorMetrics } from "./cadvisor-metrics.ts";

const facts: NodeFacts = {
  cpuCount: 4,
  processors: { socketCount: 1, coreCount: 2 },
  memoryBytes: 8e9,
  diskBytes: 1e9,
  machineId: "m",
  systemUuid: "u",
  bootId: "b",
  kernelVersion: "6.1",
  osImage: "Debian",
  architecture: "amd64",
};
const usage: GroupUsage = {
  cpuNanoseconds: 3e9,
  cpuUserNanoseconds: 2e9,
  cpuSystemNanoseconds: 1e9,
  cpu: {
    quotaMicroseconds: 50_000,
    periodMicroseconds: 100_000,
    weight: 20,
    periodCount: 40,
    throttledPeriodCount: 30,
    throttledMicroseconds: 1_500_000,
  },
  memory: {
    usedBytes: 900,
    workingSetBytes: 800,
    residentBytes: 500,
    cacheBytes: 300,
    mappedBytes: 200,
    limitBytes: 1000,
    pageFaults: 7,
    majorPageFaults: 2,
    outOfMemoryKills: 1,
    activeFileBytes: 120,
    inactiveFileBytes: 100,
    kernelBytes: 60,
    peakBytes: 950,
    limitHits: 5,
  },
  threadCount: 9,
  processes: { processCount: 3, openFileCount: 12, openSocketCount: 4, maxOpenFileCount: 1024 },
  disks: [{ device: "/dev/vda", readBytes: 4096, writtenBytes: 0, readCount: 1, writeCount: 0 }],
  pressures: {
    io: {
      some: { totalMicroseconds: 2_500_000, avg10: 0, avg60: 0, avg300: 0 },
      full: { totalMicroseconds: 500_000, avg10: 0, avg60: 0, avg300: 0 },
    },
  },
};
const { cpu: _, processes: __, pressures: ___, ...withoutLimit } = usage;
const made = new Date(1_700_000_000_000);

const page = cadvisorMetrics(
  {
    host: { swap: { totalBytes: 0, usedBytes: 0 } },
    sandboxes: [
      {
        sandbox: { metadata: { namespace: "ns", name: "pod", uid: "1", attempt: 0 }, createdAt: made },
        containers: [
          { id: "c", metadata: { name: "main", attempt: 0 }, annotations: { [imageAnnotation]: "i" } },
        ].map((container) => ({ ...container, createdAt: made })),
        stats: {
          atMs: 1_700_000_005_500,
          machine: { cpuNanoseconds: 0, memoryBytes: 0, memoryAvailableBytes: 0 },
          pods: withoutLimit,
          containers: [{ id: "c", usage }],
          volumes: [],
        },
        logs: new Map(),
      },
    ],
    // The figures of the box itself are not read here.
  } as unknown as Usage,
  facts,
);

/** What the container's series of a metric says; undefined without one. */
async function container(name: string, labels = ""): Promise<number | undefined> {
  const lines = (await page).split("\n").filter((line) => line.startsWith(`${name}{container="main"`));
  const line = lines.find((each) => each.includes(labels));
  return line === undefined ? undefined : Number(line.split("} ")[1]?.split(" ")[0]);
}

async function pod(name: string): Promise<string | undefined> {
  return (await page).split("\n").find((line) => line.startsWith(`${name}{container=""`));
}

test("a container's limits and what they cost it are told in cAdvisor's units", async () => {
  expect(await container("container_spec_cpu_quota")).toBe(50_000);
  expect(await container("container_spec_cpu_period")).toBe(100_000);
  expect(await container("container_spec_cpu_shares")).toBe(500);
  expect(await container("container_cpu_cfs_periods_total")).toBe(40);
  expect(await container("container_pressure_io_waiting_seconds_total")).toBe(2.5);
  expect(await container("container_pressure_io_stalled_seconds_total")).toBe(0.5);
  expect(await container("container_cpu_cfs_throttled_periods_total")).toBe(30);
  expect(await container("container_cpu_cfs_throttled_seconds_total")).toBe(1.5);
  expect(await container("container_spec_memory_limit_bytes")).toBe(1000);
  expect(await container("container_memory_max_usage_bytes")).toBe(950);
  expect(await container("container_memory_failcnt")).toBe(5);
  expect(await container("container_memory_failures_total", "pgmajfault")).toBe(2);
});

test("a container's processes and what it reads and writes are told", async () => {
  expect(await container("container_processes")).toBe(3);
  expect(await container("container_threads")).toBe(9);
  expect(await container("container_threads_max")).toBe(0);
  expect(await container("container_file_descriptors")).toBe(12);
  expect(await container("container_sockets")).toBe(4);
  expect(await container("container_ulimits_soft", 'ulimit="max_open_files"')).toBe(1024);
  expect(await container("container_fs_reads_bytes_total", 'device="/dev/vda"')).toBe(4096);
  expect(await container("container_fs_reads_total", 'device="/dev/vda"')).toBe(1);
});

test("what a group does not tell has no series, and nothing is made up", async () => {
  expect(await pod("container_memory_working_set_bytes")).toEndWith("} 800 1700000005500");
  for (const name of [
    "container_pressure_io_waiting_seconds_total",
    "container_cpu_cfs_periods_total",
    "container_spec_cpu_quota",
    "container_processes",
  ]) {
    expect(await pod(name)).toBeUndefined();
  }
  expect(await container("container_fs_usage_bytes")).toBeUndefined();
  expect(await page).toContain('machine_cpu_physical_cores{machine_id="m",system_uuid="u",boot_id="b"} 2');
});
