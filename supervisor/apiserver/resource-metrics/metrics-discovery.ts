/** What metrics.k8s.io says of itself in discovery. */
import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import { metricsVersion } from "./metrics-objects.ts";

const metricsGroup = "metrics.k8s.io";

const verbs = ["get", "list"];
const kinds = [
  { resource: "nodes", kind: "NodeMetrics", namespaced: false },
  { resource: "pods", kind: "PodMetrics", namespaced: true },
];

/** As `/apis` tells it. */
export const metricsResources: readonly JsonObject[] = kinds.map(({ resource, kind, namespaced }) => ({
  resource,
  responseKind: { group: metricsGroup, version: "v1beta1", kind },
  scope: namespaced ? "Namespaced" : "Cluster",
  singularResource: "",
  verbs,
}));

/** As `/apis/metrics.k8s.io/v1beta1` tells it. */
export const metricsResourceList = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: metricsVersion,
  resources: kinds.map(({ resource, kind, namespaced }) => ({
    name: resource,
    singularName: "",
    namespaced,
    kind,
    verbs,
  })),
};

/** Where the group stands in discovery: metrics-server's own manifest says so. */
export const metricsApiService = {
  metadata: { name: `v1beta1.${metricsGroup}` },
  spec: { group: metricsGroup, version: "v1beta1", groupPriorityMinimum: 100, versionPriority: 100 },
};
