import { apiVersionOf } from "../../registry/resource-definition.ts";
import type { GroupVersion } from "../resource-index.ts";
import type { Manifest } from "./ensure-object.ts";

/** Priorities of groups and versions, as discovery orders them (kubernetes `pkg/controlplane/apiserver/aggregator.go`). */
const priorities: Readonly<Record<string, readonly [group: number, version: number]>> = {
  v1: [18_000, 1],
  "apps/v1": [17_800, 15],
  "events.k8s.io/v1": [17_750, 15],
  "authentication.k8s.io/v1": [17_700, 15],
  "authorization.k8s.io/v1": [17_600, 15],
  "autoscaling/v1": [17_500, 15],
  "autoscaling/v2": [17_500, 30],
  "batch/v1": [17_400, 15],
  "certificates.k8s.io/v1": [17_300, 15],
  "networking.k8s.io/v1": [17_200, 15],
  "policy/v1": [17_100, 15],
  "rbac.authorization.k8s.io/v1": [17_000, 15],
  "storage.k8s.io/v1": [16_800, 15],
  "apiextensions.k8s.io/v1": [16_700, 15],
  "admissionregistration.k8s.io/v1": [16_700, 15],
  "scheduling.k8s.io/v1": [16_600, 15],
  "coordination.k8s.io/v1": [16_500, 15],
  "node.k8s.io/v1": [16_300, 15],
  "discovery.k8s.io/v1": [16_200, 15],
  "flowcontrol.apiserver.k8s.io/v1": [16_100, 21],
  "resource.k8s.io/v1": [16_200, 20],
};

/** Says of every version that the server has itself that it is there; the registration's own group is left out. */
export function localApiServices(groupVersions: readonly GroupVersion[]): readonly Manifest[] {
  return groupVersions.flatMap((groupVersion) => {
    const { group, version } = groupVersion;
    const priority = priorities[apiVersionOf(groupVersion)];
    if (priority === undefined) return [];
    const [groupPriorityMinimum, versionPriority] = priority;
    return [
      {
        metadata: {
          name: `${version}.${group}`,
          labels: { "kube-aggregator.kubernetes.io/automanaged": "onstart" },
        },
        spec: { ...(group === "" ? {} : { group }), version, groupPriorityMinimum, versionPriority },
      },
    ];
  });
}
