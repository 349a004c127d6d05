import type { V1Ingress } from "../../api/generated/types.ts";
import {
  validateIngress,
  validateIngressStatus,
  validateIngressUpdate,
} from "../../api/networking/v1/ingress-validation.ts";
import { ipWarnings } from "../../apimachinery/validation/ip-formats.ts";
import { ingressAddresses } from "../core/service/service-table.ts";
import { defineResource } from "../define-resource.ts";
import { listSummary } from "../list-summary.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { countedGeneration, ownStatus, prepared, statusPart } from "../status-strategy.ts";
import { ageColumn, column, tableOf } from "../table.ts";

type Ingress = Typed<V1Ingress>;

const classAnnotation = "kubernetes.io/ingress.class";

/** Ingresses (kubernetes `pkg/registry/networking/ingress`). */
export const ingressDefinition: ResourceDefinition = defineResource({
  group: "networking.k8s.io",
  resource: "ingresses",
  kind: "Ingress",
  namespaced: true,
  shortNames: ["ing"],
  strategy: {
    ...prepared(ownStatus({ loadBalancer: {} }), countedGeneration()),
    validate: (ingress: Ingress) => validateIngress(ingress),
    validateUpdate: (ingress: Ingress, old: Ingress) => validateIngressUpdate(ingress, old),
    warnings: ({ spec, metadata }: Ingress, old?: Ingress) => {
      const isOld = metadata.annotations?.[classAnnotation] !== undefined && !spec?.ingressClassName;
      if (old !== undefined || !isOld) return [];
      return [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`];
    },
  },
  subresources: {
    status: statusPart({
      validateUpdate: (ingress: Ingress) => validateIngressStatus(ingress),
      warnings: ({ status }: Ingress) =>
        (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }, index) =>
          ip ? ipWarnings(ip, `status.loadBalancer.ingress[${index}].ip`) : [],
        ),
    }),
  },
  table: tableOf(
    [
      column(
        "Class",
        "The name of the IngressClass resource that should be used for additional configuration",
      ),
      column("Hosts", "Hosts that incoming requests are matched against before the ingress rule"),
      column("Address", "Address is a list containing ingress points for the load-balancer"),
      column("Ports", "Ports of TLS configurations that open"),
      ageColumn,
    ],
    ({ spec, status }: Ingress, age) => {
      const hosts = (spec?.rules ?? []).flatMap(({ host }) => host || []);
      return [
        spec?.ingressClassName ?? "<none>",
        listSummary(hosts, "*"),
        ingressAddresses(status?.loadBalancer).join(","),
        spec?.tls?.length ? "80, 443" : "80",
        age,
      ];
    },
  ),
});
