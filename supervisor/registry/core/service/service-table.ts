/** The columns that kubectl shows for Services (kubernetes `pkg/printers/internalversion`, `printService`). */
import type { V1LoadBalancerStatus, V1Service, V1ServicePort } from "../../../api/generated/types.ts";
import { formatLabels } from "../../format-selector.ts";
import { ageColumn, column, type TableDefinition, tableOf } from "../../table.ts";

export const serviceTable: TableDefinition = tableOf(
  [
    column("Type", "How the service is exposed."),
    column("Cluster-IP", "The address of the service within the cluster."),
    column("External-IP", "Addresses at which it is reached from outside."),
    column("Port(s)", "The ports that are exposed by this service."),
    ageColumn,
    column("Selector", "The labels of the pods that serve it.", { priority: 1 }),
  ],
  ({ spec, status }: V1Service, age) => [
    spec?.type ?? "",
    spec?.clusterIPs?.[0] || spec?.clusterIP || "<none>",
    externalAddresses(spec, status?.loadBalancer),
    (spec?.ports ?? []).map(portText).join(",") || "<none>",
    age,
    formatLabels(spec?.selector),
  ],
);

function externalAddresses(spec: V1Service["spec"], status: V1LoadBalancerStatus | undefined): string {
  const given = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case "ClusterIP":
    case "NodePort":
      return given.join(",") || "<none>";
    case "LoadBalancer":
      return [...ingressAddresses(status), ...given].join(",") || "<pending>";
    case "ExternalName":
      return spec.externalName ?? "";
    default:
      return "<unknown>";
  }
}

/** Where a load balancer is reached, each place once, in order. */
export function ingressAddresses(
  status:
    | { readonly ingress?: ReadonlyArray<{ readonly ip?: string; readonly hostname?: string }> }
    | undefined,
): readonly string[] {
  const places = (status?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || "").filter(Boolean);
  return Array.from(new Set(places)).sort();
}

function portText({ port, nodePort, protocol }: V1ServicePort): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}
