/** What a Pod says of itself in files, and the empty folders that it gets. One Pod has a container for each test. */
import { beforeAll, setDefaultTimeout } from "bun:test";
import type { V1DownwardAPIVolumeFile, V1Node, V1Volume } from "../../../supervisor/api/generated/types.ts";
import { quantityValue } from "../../../supervisor/apimachinery/quantity.ts";
import { eventually } from "../../framework/eventually.ts";
import { MachineCluster, useMachines } from "../support/machine-cluster.ts";
import { PodSeries } from "../support/pod-series.ts";
import { type SharedContainer, SharedPod } from "../support/shared-pod.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

type Source = Omit<V1Volume, "name">;

const machines = useMachines(import.meta.path);
const pod = new SharedPod(machines, "tells");
const series = new PodSeries(machines);
const resources = {
  requests: { cpu: "10m", memory: "32Mi" },
  limits: { cpu: "1250m", memory: "64Mi" },
};
let allocatable: Readonly<Record<string, string>> = {};

const own = (file: Partial<V1DownwardAPIVolumeFile>, defaultMode = 0o644): Source => ({
  downwardAPI: { items: [{ path: "file", ...file }], defaultMode },
});
const projected = (file: Partial<V1DownwardAPIVolumeFile>, defaultMode = 0o644): Source => ({
  projected: { defaultMode, sources: [{ downwardAPI: { items: [{ path: "file", ...file }] } }] },
});
const podName = { fieldRef: { fieldPath: "metadata.name" } };

function shows(source: Source, prints: SharedContainer["prints"]): SharedContainer {
  return { mounts: { "/etc/podinfo": source }, script: "cat /etc/podinfo/file", prints, resources };
}

function showsMode(source: Source): SharedContainer {
  return {
    mounts: { "/etc/podinfo": source },
    script: "stat -L -c %A /etc/podinfo/file",
    prints: "-r--------\n",
  };
}

/** The container of this number has no limits. */
const unlimited = (source: Source, resource: string): SharedContainer => ({
  ...shows(source, () => String(Math.ceil(quantityValue(allocatable[resource] ?? "0")))),
  resources: {},
});

beforeAll(async () => {
  const [namespace, node] = await Promise.all([
    machines.namespace(),
    machines.api.get<V1Node>(`/api/v1/nodes/${MachineCluster.node}`),
  ]);
  allocatable = node.status?.allocatable ?? {};
  await pod.create(namespace);
});

/** The file shows a resource of the container that is added next. */
let added = 0;
function resourceFile(resource: string): Partial<V1DownwardAPIVolumeFile> {
  return { resourceFieldRef: { containerName: `c${added}`, resource } };
}
function conformanceTest(title: string, container: SharedContainer): void {
  pod.conformanceTest(title, container);
  added++;
}

conformanceTest(
  "[sig-storage] Downward API volume should provide container's cpu limit [NodeConformance] [Conformance]",
  shows(own(resourceFile("limits.cpu")), "2"),
);
conformanceTest(
  "[sig-storage] Downward API volume should provide container's cpu request [NodeConformance] [Conformance]",
  shows(own(resourceFile("requests.cpu")), "1"),
);
conformanceTest(
  "[sig-storage] Downward API volume should provide container's memory limit [NodeConformance] [Conformance]",
  shows(own(resourceFile("limits.memory")), "67108864"),
);
conformanceTest(
  "[sig-storage] Downward API volume should provide container's memory request [NodeConformance] [Conformance]",
  shows(own(resourceFile("requests.memory")), "33554432"),
);
conformanceTest(
  "[sig-storage] Downward API volume should provide node allocatable (cpu) as default cpu limit if the limit is not set [NodeConformance] [Conformance]",
  unlimited(own(resourceFile("limits.cpu")), "cpu"),
);
conformanceTest(
  "[sig-storage] Downward API volume should provide node allocatable (memory) as default memory limit if the limit is not set [NodeConformance] [Conformance]",
  unlimited(own(resourceFile("limits.memory")), "memory"),
);
conformanceTest(
  "[sig-storage] Downward API volume should provide podname only [NodeConformance] [Conformance]",
  shows(own(podName), "tells"),
);
conformanceTest(
  "[sig-storage] Downward API volume should set DefaultMode on files [LinuxOnly] [NodeConformance] [Conformance]",
  showsMode(own(podName, 0o400)),
);
conformanceTest(
  "[sig-storage] Downward API volume should set mode on item file [LinuxOnly] [NodeConformance] [Conformance]",
  showsMode(own({ ...podName, mode: 0o400 })),
);
conformanceTest(
  "[sig-storage] Projected downwardAPI should provide container's cpu limit [NodeConformance] [Conformance]",
  shows(projected(resourceFile("limits.cpu")), "2"),
);
conformanceTest(
  "[sig-storage] Projected downwardAPI should provide container's cpu request [NodeConformance] [Conformance]",
  shows(projected(resourceFile("requests.cpu")), "1"),
);
conformanceTest(
  "[sig-storage] Projected downwardAPI should provide container's memory limit [NodeConformance] [Conformance]",
  shows(projected(resourceFile("limits.memory")), "67108864"),
);
conformanceTest(
  "[sig-storage] Projected downwardAPI should provide container's memory request [NodeConformance] [Conformance]",
  shows(projected(resourceFile("requests.memory")), "33554432"),
);
conformanceTest(
  "[sig-storage] Projected downwardAPI should provide node allocatable (cpu) as default cpu limit if the limit is not set [NodeConformance] [Conformance]",
  unlimited(projected(resourceFile("limits.cpu")), "cpu"),
);
conformanceTest(
  "[sig-storage] Projected downwardAPI should provide node allocatable (memory) as default memory limit if the limit is not set [NodeConformance] [Conformance]",
  unlimited(projected(resourceFile("limits.memory")), "memory"),
);
conformanceTest(
  "[sig-storage] Projected downwardAPI should provide podname only [NodeConformance] [Conformance]",
  shows(projected(podName), "tells"),
);
conformanceTest(
  "[sig-storage] Projected downwardAPI should set DefaultMode on files [LinuxOnly] [NodeConformance] [Conformance]",
  showsMode(projected(podName, 0o400)),
);
conformanceTest(
  "[sig-storage] Projected downwardAPI should set mode on item file [LinuxOnly] [NodeConformance] [Conformance]",
  showsMode(projected({ ...podName, mode: 0o400 })),
);

const disk: Source = { emptyDir: {} };
const tmpfs: Source = { emptyDir: { medium: "Memory" } };
const permissions: Readonly<Record<string, string>> = {
  "0644": "-rw-r--r--",
  "0666": "-rw-rw-rw-",
  "0777": "-rwxrwxrwx",
};

/** A user writes a file of this mode and reads it again. */
function writes(user: number, mode: string, source: Source): SharedContainer {
  const file = "/test-volume/test-file";
  const script = `${kindOf}; echo content >${file}; chmod ${mode} ${file}; stat -c '%A %u' ${file}; cat ${file}`;
  const prints = `${kind(source)}\n${permissions[mode]} ${user}\ncontent\n`;
  return { mounts: { "/test-volume": source }, script, prints, user };
}

function empty(source: Source): SharedContainer {
  const script = `${kindOf}; stat -c %A /test-volume`;
  return { mounts: { "/test-volume": source }, script, prints: `${kind(source)}\ndrwxrwxrwx\n` };
}

/** The volume's file system: the default is the Pod's disk. */
const kindOf = `awk '$2 == "/test-volume" { print $3 }' /proc/mounts`;
function kind(source: Source): string {
  return source === tmpfs ? "tmpfs" : "ext4";
}

conformanceTest(
  "[sig-storage] EmptyDir volumes should support (non-root,0644,default) [LinuxOnly] [NodeConformance] [Conformance]",
  writes(1000, "0644", disk),
);
conformanceTest(
  "[sig-storage] EmptyDir volumes should support (non-root,0644,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]",
  writes(1000, "0644", tmpfs),
);
conformanceTest(
  "[sig-storage] EmptyDir volumes should support (non-root,0666,default) [LinuxOnly] [NodeConformance] [Conformance]",
  writes(1000, "0666", disk),
);
conformanceTest(
  "[sig-storage] EmptyDir volumes should support (non-root,0666,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]",
  writes(1000, "0666", tmpfs),
);
conformanceTest(
  "[sig-storage] EmptyDir volumes should support (non-root,0777,default) [LinuxOnly] [NodeConformance] [Conformance]",
  writes(1000, "0777", disk),
);
conformanceTest(
  "[sig-storage] EmptyDir volumes should support (non-root,0777,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]",
  writes(1000, "0777", tmpfs),
);
conformanceTest(
  "[sig-storage] EmptyDir volumes should support (root,0644,default) [LinuxOnly] [NodeConformance] [Conformance]",
  writes(0, "0644", disk),
);
conformanceTest(
  "[sig-storage] EmptyDir volumes should support (root,0644,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]",
  writes(0, "0644", tmpfs),
);
conformanceTest(
  "[sig-storage] EmptyDir volumes should support (root,0666,default) [LinuxOnly] [NodeConformance] [Conformance]",
  writes(0, "0666", disk),
);
conformanceTest(
  "[sig-storage] EmptyDir volumes should support (root,0666,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]",
  writes(0, "0666", tmpfs),
);
conformanceTest(
  "[sig-storage] EmptyDir volumes should support (root,0777,default) [LinuxOnly] [NodeConformance] [Conformance]",
  writes(0, "0777", disk),
);
conformanceTest(
  "[sig-storage] EmptyDir volumes should support (root,0777,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]",
  writes(0, "0777", tmpfs),
);
conformanceTest(
  "[sig-storage] EmptyDir volumes volume on default medium should have the correct mode [LinuxOnly] [NodeConformance] [Conformance]",
  empty(disk),
);
conformanceTest(
  "[sig-storage] EmptyDir volumes volume on tmpfs should have the correct mode [LinuxOnly] [NodeConformance] [Conformance]",
  empty(tmpfs),
);

series.conformanceTest(
  "[sig-storage] EmptyDir volumes pod should support shared volumes between containers [Conformance]",
  (namespace) => {
    const { image } = MachineCluster;
    const write = "echo 'Hello from the busy-box sub-container' >/pod-data/busybox-volume; sleep 240";
    const volumeMounts = [{ name: "shared", mountPath: "/pod-data" }];
    const containers = [write, "sleep 240"].map((script, index) => ({
      ...{ name: `c${index}`, image, command: ["sh", "-c", script] },
      volumeMounts,
    }));
    return machines.create(namespace, "shares", { containers, volumes: [{ name: "shared", emptyDir: {} }] });
  },
  async (namespace) => {
    await machines.ready(namespace, "shares");
    const read = ["exec", "-n", namespace, "shares", "-c", "c1", "--", "cat", "/pod-data/busybox-volume"];
    const text = "Hello from the busy-box sub-container\n";
    await eventually("the other container reads it", 120_000, async () => {
      return (await machines.cluster.kubectl(...read)).stdout === text;
    });
  },
);

series.conformanceTest(
  "[sig-storage] EmptyDir wrapper volumes should not conflict [Conformance]",
  async (namespace) => {
    const path = `/api/v1/namespaces/${namespace}`;
    await machines.api.create(`${path}/secrets`, {
      metadata: { name: "wrapped" },
      data: { "data-1": btoa("s") },
    });
    await machines.api.create(`${path}/configmaps`, {
      metadata: { name: "wrapped" },
      data: { "data-1": "c" },
    });
    const volumes = [
      { name: "secret", secret: { secretName: "wrapped" } },
      { name: "config", configMap: { name: "wrapped" } },
    ];
    const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/etc/${name}` }));
    const command = ["sh", "-c", "cat /etc/secret/data-1 /etc/config/data-1; echo; sleep 240"];
    const containers = [{ name: "main", image: MachineCluster.image, command, volumeMounts }];
    await machines.create(namespace, "wraps", { containers, volumes });
  },
  async (namespace) => {
    await machines.ready(namespace, "wraps");
    await machines.logHas(namespace, "wraps", "sc");
  },
);

const many = Array.from({ length: 50 }, (_, index) => `racey-configmap-${index}`);
series.conformanceTest(
  "[sig-storage] EmptyDir wrapper volumes should not cause race condition when used for configmaps [Serial] [Conformance]",
  async (namespace) => {
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    await Promise.all(
      many.map((name) => machines.api.create(path, { metadata: { name }, data: { "data-1": name } })),
    );
    const volumes = many.map((name) => ({ name, configMap: { name } }));
    const volumeMounts = many.map((name) => ({ name, mountPath: `/etc/config/${name}` }));
    const command = ["sh", "-c", "cat /etc/config/*/data-1 | wc -c; sleep 240"];
    const containers = [{ name: "main", image: MachineCluster.image, command, volumeMounts }];
    const pods = ["races-1", "races-2"];
    await Promise.all(pods.map((name) => machines.create(namespace, name, { containers, volumes })));
  },
  async (namespace) => {
    for (const name of ["races-1", "races-2"]) {
      await machines.ready(namespace, name);
      await machines.logHas(namespace, name, `${many.join("").length}\n`);
    }
  },
);
