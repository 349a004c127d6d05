/** The columns that kubectl shows for Nodes (kubernetes `pkg/printers/internalversion`, `printNode`). */
import type { V1Node } from "../../../api/generated/types.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn, type TableDefinition } from "../../table.ts";

type Node = Typed<V1Node>;

const rolePrefix = "node-role.kubernetes.io/";
const wide = { priority: 1 };

export const nodeTable: TableDefinition = {
  columns: [
    nameColumn,
    column("Status", "The status of the node"),
    column("Roles", "The roles of the node"),
    ageColumn,
    column("Version", "Kubelet Version reported by the node."),
    column("Internal-IP", "The node's internal address.", wide),
    column("External-IP", "The node's external address.", wide),
    column("OS-Image", "OS Image reported by the node.", wide),
    column("Kernel-Version", "Kernel Version reported by the node.", wide),
    column("Container-Runtime", "ContainerRuntime Version reported by the node.", wide),
  ],
  cells(object, nowMs) {
    // Decoding made this a Node.
    const node = object as unknown as Node;
    const info = node.status?.nodeInfo;
    return [
      node.metadata.name ?? "",
      nodeStatus(node),
      nodeRoles(node),
      age(node.metadata.creationTimestamp, nowMs),
      info?.kubeletVersion ?? "",
      address(node, "InternalIP"),
      address(node, "ExternalIP"),
      info?.osImage || "<unknown>",
      info?.kernelVersion || "<unknown>",
      info?.containerRuntimeVersion || "<unknown>",
    ];
  },
};

function nodeStatus(node: Node): string {
  const ready = (node.status?.conditions ?? []).find(({ type }) => type === "Ready");
  const word = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return node.spec?.unschedulable ? `${word},SchedulingDisabled` : word;
}

function nodeRoles(node: Node): string {
  const roles = new Set<string>();
  for (const [label, value] of Object.entries(node.metadata.labels ?? {})) {
    if (label.startsWith(rolePrefix) && label !== rolePrefix) roles.add(label.slice(rolePrefix.length));
    if (label === "kubernetes.io/role" && value !== "") roles.add(value);
  }
  return roles.size === 0 ? "<none>" : Array.from(roles).sort().join(",");
}

function address(node: Node, type: string): string {
  return (node.status?.addresses ?? []).find((entry) => entry.type === type)?.address ?? "<none>";
}
