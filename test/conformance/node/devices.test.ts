/** The kinds of dynamic resource allocation. */
import type {
  ResourceV1ResourceClaim,
  V1DeviceClass,
  V1ResourceClaimTemplate,
  V1ResourceSlice,
} from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { labelled } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";
import { checkResource } from "../support/resource-case.ts";

const group = { group: "resource.k8s.io", version: "v1" };
const driver = "dra.example.com";
const devices = { requests: [{ name: "req-0", exactly: { deviceClassName: driver } }] };
const label = { metadata: { labels: { [driver]: "test" } } };
const cluster = useCluster();

conformanceTest("[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 DeviceClass [Conformance]", () => {
  const spec = (expression: string) => ({ spec: { selectors: [{ cel: { expression } }] } });
  return checkResource<V1DeviceClass>(cluster, {
    ...group,
    resource: "deviceclasses",
    kind: "DeviceClass",
    namespaced: false,
    initial: spec("false"),
    update: (object) => ({ ...object, ...spec("1 == 0") }),
    patches: { "strategic-merge-patch": spec("1 == 0") },
  });
});

conformanceTest("[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaim [Conformance]", () => {
  const labels = { [driver]: "test" };
  const status = { status: { allocation: {} } };
  return checkResource<ResourceV1ResourceClaim>(cluster, {
    ...group,
    resource: "resourceclaims",
    kind: "ResourceClaim",
    namespaced: true,
    initial: { spec: { devices } },
    // What is claimed does not change.
    update: (object) => labelled(object, driver, "test"),
    updateStatus: (object) => ({ ...object, ...status }),
    patches: {
      "strategic-merge-patch": { metadata: { labels } },
      "apply-patch": { metadata: { labels } },
      "merge-patch": { metadata: { labels } },
      "json-patch": [{ op: "add", path: `/metadata/labels/${driver}`, value: "test" }],
    },
    statusPatches: {
      "strategic-merge-patch": status,
      "apply-patch": status,
      "merge-patch": status,
      "json-patch": [{ op: "add", path: "/status", value: status.status }],
    },
  });
});

conformanceTest("[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceClaimTemplate [Conformance]", () =>
  checkResource<V1ResourceClaimTemplate>(cluster, {
    ...group,
    resource: "resourceclaimtemplates",
    kind: "ResourceClaimTemplate",
    namespaced: true,
    initial: { spec: { spec: { devices } } },
    update: (object) => labelled(object, driver, "test"),
    patches: { "strategic-merge-patch": label },
  }),
);

conformanceTest("[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ResourceSlice [Conformance]", () => {
  const change = { devices: [{ name: "device-0" }] };
  return checkResource<V1ResourceSlice>(cluster, {
    ...group,
    resource: "resourceslices",
    kind: "ResourceSlice",
    namespaced: false,
    initial: {
      spec: {
        driver,
        pool: { name: "cluster", generation: 1, resourceSliceCount: 1 },
        nodeName: "no-such-node",
      },
    },
    update: (object) => ({ ...object, spec: { ...object.spec, ...change } as V1ResourceSlice["spec"] }),
    patches: { "strategic-merge-patch": { spec: change } },
  });
});
