import type { V1Service } from "../../api/generated/types.ts";
import { checkDnsLabel } from "../../apimachinery/validation/formats.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { ownStatus, statusPart } from "../status-strategy.ts";
import { serviceTable } from "./service-table.ts";

type Service = Typed<V1Service>;

const proxyMethods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/** Services (kubernetes `pkg/registry/core/service`). */
export const serviceDefinition: ResourceDefinition = defineResource({
  group: "",
  resource: "services",
  kind: "Service",
  namespaced: true,
  shortNames: ["svc"],
  categories: ["all"],
  strategy: {
    checkName: checkDnsLabel,
    allowCreateOnUpdate: true,
    returnsDeletedObject: true,
    ...ownStatus({ loadBalancer: {} }),
  },
  subresources: {
    status: statusPart(),
    proxy: { type: "connect", kind: "ServiceProxyOptions", methods: proxyMethods },
  },
  table: serviceTable,
  selectableFields: ({ spec }: Service) => ({
    "spec.clusterIP": spec?.clusterIP ?? "",
    "spec.type": spec?.type ?? "",
  }),
});
