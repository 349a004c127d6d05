import type { DiskTraffic, FileSystemUsage } from "../../../runtime/pod-sandbox-stats.ts";
import type { ContainerMetric, Figure, Subject } from "./subject.ts";

/** What a container keeps in its writable layer, and what it read from and wrote to the Pod's disks. */
export const fileMetrics: readonly ContainerMetric[] = [
  [
    "gauge",
    "container_fs_usage_bytes",
    "Number of bytes that are consumed by the container on this filesystem.",
    ofRoot("usedBytes"),
  ],
  [
    "gauge",
    "container_fs_limit_bytes",
    "Number of bytes that can be consumed by the container on this filesystem.",
    ofRoot("capacityBytes"),
  ],
  ["gauge", "container_fs_inodes_free", "Number of available Inodes", ofRoot("freeInodeCount")],
  ["gauge", "container_fs_inodes_total", "Number of Inodes", ofRoot("inodeCount")],
  ["counter", "container_fs_reads_bytes_total", "Cumulative count of bytes read", ofDisks("readBytes")],
  ["counter", "container_fs_reads_total", "Cumulative count of reads completed", ofDisks("readCount")],
  [
    "counter",
    "container_fs_writes_bytes_total",
    "Cumulative count of bytes written",
    ofDisks("writtenBytes"),
  ],
  ["counter", "container_fs_writes_total", "Cumulative count of writes completed", ofDisks("writeCount")],
];

function ofRoot(field: keyof FileSystemUsage): (subject: Subject) => Figure[] {
  return ({ root }) => (root ? [[root[field], { device: "overlay" }]] : []);
}

function ofDisks(field: Exclude<keyof DiskTraffic, "device">): (subject: Subject) => Figure[] {
  return ({ usage }) => usage.disks.map((disk) => [disk[field], { device: disk.device }]);
}
