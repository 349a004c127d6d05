/** ConfigMaps and Secrets as files, in volumes of their own and projected. One Pod has a container for each test. */
import { beforeAll, setDefaultTimeout } from "bun:test";
import type { V1Volume } from "../../../supervisor/api/generated/types.ts";
import { useMachines } from "../support/machine-cluster.ts";
import { type SharedContainer, SharedPod } from "../support/shared-pod.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

type Source = Omit<V1Volume, "name">;
interface Options {
  readonly items?: ReadonlyArray<{ readonly key: string; readonly path: string; readonly mode?: number }>;
  readonly defaultMode?: number;
}

const machines = useMachines(import.meta.path);
const pod = new SharedPod(machines, "reads");
/** In another namespace, whose Secret has the same name. */
const grouped = new SharedPod(machines, "reads-as-group", { securityContext: { fsGroup: 1001 } });
const text = { "data-1": "value-1", "data-2": "value-2", "data-3": "value-3" };
const encoded = Object.fromEntries(Object.entries(text).map(([key, value]) => [key, btoa(value)]));
const mapped = { items: [{ key: "data-2", path: "path/to/data-2" }] };
const mappedMode = { items: [{ key: "data-2", path: "path/to/data-2", mode: 0o400 }] };

const configMap = (options: Options = {}): Source => ({ configMap: { name: "objects", ...options } });
const secret = (options: Options = {}): Source => ({ secret: { secretName: "objects", ...options } });
const projectedConfigMap = ({ items = [], defaultMode = 0o644 }: Options = {}): Source => ({
  projected: { defaultMode, sources: [{ configMap: { name: "objects", items } }] },
});
const projectedSecret = ({ items = [], defaultMode = 0o644 }: Options = {}): Source => ({
  projected: { defaultMode, sources: [{ secret: { name: "objects", items } }] },
});

/** A container that tells the file's permissions and what it holds. */
function reads(source: Source, path: string, prints: string, user?: number): SharedContainer {
  const script = `stat -L -c %A /etc/volume/${path}; cat /etc/volume/${path}`;
  return { mounts: { "/etc/volume": source }, script, prints, ...(user !== undefined && { user }) };
}

function readsTwice(source: Source): SharedContainer {
  const script = "cat /etc/volume-1/data-1 /etc/volume-2/data-1";
  return { mounts: { "/etc/volume-1": source, "/etc/volume-2": source }, script, prints: "value-1value-1" };
}

beforeAll(async () => {
  const [namespace, other] = await Promise.all([machines.namespace(), machines.namespace()]);
  const made = `/api/v1/namespaces/${namespace}`;
  const metadata = { name: "objects" };
  const binaryData = {
    "dump.bin": Buffer.from([0xde, 0xca, 0xfe, 0xba, 0xd0, 0xfe, 0xff]).toString("base64"),
  };
  await machines.api.create(`${made}/configmaps`, { metadata, data: text, binaryData });
  await machines.api.create(`${made}/secrets`, { metadata, data: encoded });
  const different = { "data-1": btoa("other-1"), "data-of-other": btoa("") };
  await machines.api.create(`/api/v1/namespaces/${other}/secrets`, { metadata, data: different });
  // The host knows the first one's Secret when it reads that of the second.
  await pod.create(namespace);
  await grouped.create(other);
});

pod.conformanceTest(
  "[sig-storage] ConfigMap should be consumable from pods in volume [NodeConformance] [Conformance]",
  reads(configMap(), "data-1", "-rw-r--r--\nvalue-1"),
);
pod.conformanceTest(
  "[sig-storage] ConfigMap should be consumable from pods in volume with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]",
  reads(configMap({ defaultMode: 0o400 }), "data-1", "-r--------\nvalue-1"),
);
pod.conformanceTest(
  "[sig-storage] ConfigMap should be consumable from pods in volume as non-root [NodeConformance] [Conformance]",
  reads(configMap(), "data-1", "-rw-r--r--\nvalue-1", 1000),
);
pod.conformanceTest(
  "[sig-storage] ConfigMap should be consumable from pods in volume with mappings [NodeConformance] [Conformance]",
  reads(configMap(mapped), "path/to/data-2", "-rw-r--r--\nvalue-2"),
);
pod.conformanceTest(
  "[sig-storage] ConfigMap should be consumable from pods in volume with mappings and Item mode set [LinuxOnly] [NodeConformance] [Conformance]",
  reads(configMap(mappedMode), "path/to/data-2", "-r--------\nvalue-2"),
);
pod.conformanceTest(
  "[sig-storage] ConfigMap should be consumable from pods in volume with mappings as non-root [NodeConformance] [Conformance]",
  reads(configMap(mapped), "path/to/data-2", "-rw-r--r--\nvalue-2", 1000),
);
pod.conformanceTest(
  "[sig-storage] ConfigMap should be consumable in multiple volumes in the same pod [NodeConformance] [Conformance]",
  readsTwice(configMap()),
);
pod.conformanceTest(
  "[sig-storage] ConfigMap binary data should be reflected in volume [NodeConformance] [Conformance]",
  {
    mounts: { "/etc/volume": configMap() },
    script: "cat /etc/volume/data-1; hexdump -v -e '1/1 \" %02x\"' /etc/volume/dump.bin",
    prints: "value-1 de ca fe ba d0 fe ff",
  },
);

pod.conformanceTest(
  "[sig-storage] Secrets should be consumable from pods in volume [NodeConformance] [Conformance]",
  reads(secret(), "data-1", "-rw-r--r--\nvalue-1"),
);
pod.conformanceTest(
  "[sig-storage] Secrets should be consumable from pods in volume with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]",
  reads(secret({ defaultMode: 0o400 }), "data-1", "-r--------\nvalue-1"),
);
grouped.conformanceTest(
  "[sig-storage] Secrets should be consumable from pods in volume as non-root with defaultMode and fsGroup set [LinuxOnly] [NodeConformance] [Conformance]",
  reads(secret({ defaultMode: 0o440 }), "data-1", "-r--r-----\nother-1", 1000),
);
pod.conformanceTest(
  "[sig-storage] Secrets should be consumable from pods in volume with mappings [NodeConformance] [Conformance]",
  reads(secret(mapped), "path/to/data-2", "-rw-r--r--\nvalue-2"),
);
pod.conformanceTest(
  "[sig-storage] Secrets should be consumable from pods in volume with mappings and Item Mode set [LinuxOnly] [NodeConformance] [Conformance]",
  reads(secret(mappedMode), "path/to/data-2", "-r--------\nvalue-2"),
);
grouped.conformanceTest(
  "[sig-storage] Secrets should be able to mount in a volume regardless of a different secret existing with same name in different namespace [NodeConformance] [Conformance]",
  {
    mounts: { "/etc/volume": secret() },
    script: "ls /etc/volume; cat /etc/volume/data-1",
    prints: "data-1\ndata-of-other\nother-1",
  },
);
pod.conformanceTest(
  "[sig-storage] Secrets should be consumable in multiple volumes in a pod [NodeConformance] [Conformance]",
  readsTwice(secret()),
);

pod.conformanceTest(
  "[sig-storage] Projected configMap should be consumable from pods in volume [NodeConformance] [Conformance]",
  reads(projectedConfigMap(), "data-1", "-rw-r--r--\nvalue-1"),
);
pod.conformanceTest(
  "[sig-storage] Projected configMap should be consumable from pods in volume with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]",
  reads(projectedConfigMap({ defaultMode: 0o400 }), "data-1", "-r--------\nvalue-1"),
);
pod.conformanceTest(
  "[sig-storage] Projected configMap should be consumable from pods in volume as non-root [NodeConformance] [Conformance]",
  reads(projectedConfigMap(), "data-1", "-rw-r--r--\nvalue-1", 1000),
);
pod.conformanceTest(
  "[sig-storage] Projected configMap should be consumable from pods in volume with mappings [NodeConformance] [Conformance]",
  reads(projectedConfigMap(mapped), "path/to/data-2", "-rw-r--r--\nvalue-2"),
);
pod.conformanceTest(
  "[sig-storage] Projected configMap should be consumable from pods in volume with mappings and Item mode set [LinuxOnly] [NodeConformance] [Conformance]",
  reads(projectedConfigMap(mappedMode), "path/to/data-2", "-r--------\nvalue-2"),
);
pod.conformanceTest(
  "[sig-storage] Projected configMap should be consumable from pods in volume with mappings as non-root [NodeConformance] [Conformance]",
  reads(projectedConfigMap(mapped), "path/to/data-2", "-rw-r--r--\nvalue-2", 1000),
);
pod.conformanceTest(
  "[sig-storage] Projected configMap should be consumable in multiple volumes in the same pod [NodeConformance] [Conformance]",
  readsTwice(projectedConfigMap()),
);

pod.conformanceTest(
  "[sig-storage] Projected secret should be consumable from pods in volume [NodeConformance] [Conformance]",
  reads(projectedSecret(), "data-1", "-rw-r--r--\nvalue-1"),
);
pod.conformanceTest(
  "[sig-storage] Projected secret should be consumable from pods in volume with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]",
  reads(projectedSecret({ defaultMode: 0o400 }), "data-1", "-r--------\nvalue-1"),
);
grouped.conformanceTest(
  "[sig-storage] Projected secret should be consumable from pods in volume as non-root with defaultMode and fsGroup set [LinuxOnly] [NodeConformance] [Conformance]",
  reads(projectedSecret({ defaultMode: 0o440 }), "data-1", "-r--r-----\nother-1", 1000),
);
pod.conformanceTest(
  "[sig-storage] Projected secret should be consumable from pods in volume with mappings [NodeConformance] [Conformance]",
  reads(projectedSecret(mapped), "path/to/data-2", "-rw-r--r--\nvalue-2"),
);
pod.conformanceTest(
  "[sig-storage] Projected secret should be consumable from pods in volume with mappings and Item Mode set [LinuxOnly] [NodeConformance] [Conformance]",
  reads(projectedSecret(mappedMode), "path/to/data-2", "-r--------\nvalue-2"),
);
pod.conformanceTest(
  "[sig-storage] Projected secret should be consumable in multiple volumes in a pod [NodeConformance] [Conformance]",
  readsTwice(projectedSecret()),
);
pod.conformanceTest(
  "[sig-storage] Projected combined should project all components that make up the projection API [Projection] [NodeConformance] [Conformance]",
  {
    mounts: {
      "/all": {
        projected: {
          sources: [
            { downwardAPI: { items: [{ path: "podname", fieldRef: { fieldPath: "metadata.name" } }] } },
            { secret: { name: "objects", items: [{ key: "data-1", path: "secret-data" }] } },
            { configMap: { name: "objects", items: [{ key: "data-2", path: "configmap-data" }] } },
          ],
        },
      },
    },
    script: "cat /all/podname; echo; cat /all/secret-data /all/configmap-data",
    prints: "reads\nvalue-1value-2",
  },
);
