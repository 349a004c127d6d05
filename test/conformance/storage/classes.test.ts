/** Classes of storage, CSI drivers, and what these tell of nodes and capacities. */
import type {
  V1CSIDriver,
  V1CSINode,
  V1CSIStorageCapacity,
  V1StorageClass,
  V1VolumeAttributesClass,
} from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";
import { expectDiscovered } from "../support/discovery.ts";
import { checkLifecycle, checkOperations } from "../support/operations.ts";

const base = "/apis/storage.k8s.io/v1";
const cluster = useCluster();
let count = 0;

function uniqueName(prefix: string): string {
  count += 1;
  return `${prefix}-${count}`;
}

conformanceTest(
  "[sig-storage] StorageClasses CSI Conformance should run through the lifecycle of a StorageClass [Conformance]",
  () =>
    checkLifecycle(new Collection<V1StorageClass>(cluster.api, `${base}/storageclasses`), () => ({
      metadata: { generateName: "class-" },
      provisioner: "example.com/provisioner",
    })),
);

conformanceTest(
  "[sig-storage] VolumeAttributesClass [FeatureGate:VolumeAttributesClass] should run through the lifecycle of a VolumeAttributesClass [Conformance]",
  () =>
    checkLifecycle(
      new Collection<V1VolumeAttributesClass>(cluster.api, `${base}/volumeattributesclasses`),
      () => ({
        metadata: { generateName: "attributes-" },
        driverName: "csi.example.com",
        parameters: { iops: "4000" },
      }),
    ),
);

conformanceTest(
  "[sig-storage] CSINodes CSI Conformance should run through the lifecycle of a csinode [Conformance]",
  () =>
    checkLifecycle(new Collection<V1CSINode>(cluster.api, `${base}/csinodes`), () => ({
      metadata: { name: uniqueName("csi-node") },
      spec: { drivers: [] },
    })),
);

conformanceTest(
  "[sig-storage] CSIInlineVolumes should run through the lifecycle of a CSIDriver [Conformance]",
  async () => {
    const drivers = new Collection<V1CSIDriver>(cluster.api, `${base}/csidrivers`);
    const make = (): V1CSIDriver => ({
      metadata: { name: uniqueName("inline-driver") },
      spec: {
        volumeLifecycleModes: ["Persistent", "Ephemeral"],
        fsGroupPolicy: "ReadWriteOnceWithFSType",
      },
    });
    await checkLifecycle(drivers, make);
    await checkOperations({ objects: drivers, make, label: "drivers" });
  },
);

conformanceTest(
  "[sig-storage] CSIStorageCapacity should support CSIStorageCapacities API operations [Conformance]",
  async () => {
    const { api } = cluster;
    await expectDiscovered(api, {
      group: "storage.k8s.io",
      version: "v1",
      resources: ["csistoragecapacities"],
    });
    const namespace = await cluster.namespace("capacities");
    await checkOperations({
      objects: new Collection<V1CSIStorageCapacity>(
        api,
        `${base}/namespaces/${namespace}/csistoragecapacities`,
      ),
      everywhere: new Collection<V1CSIStorageCapacity>(api, `${base}/csistoragecapacities`),
      label: namespace,
      make: (number) => ({ metadata: { name: `capacity-${number}` }, storageClassName: "csi.example.com" }),
    });
  },
);
