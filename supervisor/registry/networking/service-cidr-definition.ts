import type { V1ServiceCIDR } from "../../api/generated/types.ts";
import {
  validateServiceCidr,
  validateServiceCidrUpdate,
} from "../../api/networking/v1/address-validation.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { statusPart } from "../status-strategy.ts";
import { ageColumn, column, tableOf } from "../table.ts";

type ServiceCidr = Typed<V1ServiceCIDR>;

/** ServiceCIDRs (kubernetes `pkg/registry/networking/servicecidr`). */
export const serviceCidrDefinition: ResourceDefinition = defineResource({
  group: "networking.k8s.io",
  resource: "servicecidrs",
  kind: "ServiceCIDR",
  namespaced: false,
  strategy: {
    validate: (cidr: ServiceCidr) => validateServiceCidr(cidr),
    validateUpdate: (cidr: ServiceCidr, old: ServiceCidr) => validateServiceCidrUpdate(cidr, old),
  },
  subresources: { status: statusPart({ keepsMetadata: true }) },
  table: tableOf(
    [column("CIDRs", "The networks that addresses of services are taken from."), ageColumn],
    ({ spec }: V1ServiceCIDR, age) => [(spec?.cidrs ?? []).join(","), age],
  ),
});
