import { defineResource } from "../../define-resource.ts";
import { podBinding } from "./pod-binding.ts";
import { ephemeralContainersStrategy, resizeStrategy } from "./pod-parts.ts";
import { type Pod, podStatusStrategy, podStrategy } from "./pod-strategy.ts";
import { podTable } from "./pod-table.ts";

const streamMethods = ["GET", "POST"];
const proxyMethods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

export const podDefinition = defineResource({
  group: "",
  resource: "pods",
  kind: "Pod",
  namespaced: true,
  shortNames: ["po"],
  categories: ["all"],
  strategy: podStrategy,
  subresources: {
    status: { type: "part", strategy: podStatusStrategy },
    ephemeralcontainers: { type: "part", strategy: ephemeralContainersStrategy },
    resize: { type: "part", strategy: resizeStrategy },
    binding: podBinding,
    eviction: { type: "answer", group: "policy", version: "v1", kind: "Eviction", model: "V1Eviction" },
    log: { type: "connect", kind: "Pod", methods: ["GET"] },
    exec: { type: "connect", kind: "PodExecOptions", methods: streamMethods },
    attach: { type: "connect", kind: "PodAttachOptions", methods: streamMethods },
    proxy: { type: "connect", kind: "PodProxyOptions", methods: proxyMethods },
    portforward: { type: "connect", kind: "PodPortForwardOptions", methods: streamMethods },
  },
  table: podTable,
  selectableFields(pod: Pod) {
    const { spec, status } = pod;
    return {
      "spec.nodeName": spec?.nodeName ?? "",
      "spec.restartPolicy": spec?.restartPolicy ?? "",
      "spec.schedulerName": spec?.schedulerName ?? "",
      "spec.serviceAccountName": spec?.serviceAccountName ?? "",
      "spec.hostNetwork": String(spec?.hostNetwork ?? false),
      "status.phase": status?.phase ?? "",
      "status.podIP": status?.podIPs?.[0]?.ip ?? status?.podIP ?? "",
      "status.nominatedNodeName": status?.nominatedNodeName ?? "",
    };
  },
});
