import { validateNode, validateNodeUpdate } from "../../../api/core/v1/node/node-validation.ts";
import type { V1Node } from "../../../api/generated/types.ts";
import { cidrWarnings } from "../../../apimachinery/validation/ip-formats.ts";
import { defineResource } from "../../define-resource.ts";
import type { Typed } from "../../resource-definition.ts";
import { nodeTable } from "./node-table.ts";

type Node = Typed<V1Node>;

/** Nodes (kubernetes `pkg/registry/core/node/strategy.go`). */
export const nodeDefinition = defineResource({
  group: "",
  resource: "nodes",
  kind: "Node",
  namespaced: false,
  shortNames: ["no"],
  strategy: {
    setDefaults(node: Node) {
      node.spec ??= {};
      node.status ??= {};
      if (node.status.allocatable === undefined && node.status.capacity !== undefined) {
        node.status.allocatable = { ...node.status.capacity };
      }
    },
    validate: (node: Node) => validateNode(node),
    prepareForUpdate(node: Node, old: Node) {
      node.status = old.status ?? {};
    },
    validateUpdate: (node: Node, old: Node) => [...validateNode(node), ...validateNodeUpdate(node, old)],
    warnings: ({ spec }: Node) => [
      ...(spec?.podCIDRs ?? []).flatMap((cidr, index) => cidrWarnings(cidr, `spec.podCIDRs[${index}]`)),
      ...(spec?.externalID ? ["spec.externalID: this field is deprecated, and is unused by Kubernetes"] : []),
    ],
  },
  subresources: {
    status: {
      type: "part",
      strategy: {
        prepareForUpdate(node: Node, old: Node) {
          if (old.spec) node.spec = old.spec;
        },
        validateUpdate: (node: Node, old: Node) => validateNodeUpdate(node, old),
      },
    },
    proxy: {
      type: "connect",
      kind: "NodeProxyOptions",
      methods: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
    },
  },
  table: nodeTable,
  selectableFields: (node: Node) => ({ "spec.unschedulable": String(node.spec?.unschedulable ?? false) }),
});
