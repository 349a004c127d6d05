import { setServiceDefaults } from "../../../api/core/v1/service/service-defaults.ts";
import {
  validateServiceStatus,
  validateServiceUpdate,
} from "../../../api/core/v1/service/service-update-validation.ts";
import { validateService } from "../../../api/core/v1/service/service-validation.ts";
import { loadBalancerWarnings, serviceWarnings } from "../../../api/core/v1/service/service-warnings.ts";
import type { V1Service } from "../../../api/generated/types.ts";
import { checkDns1035Label } from "../../../apimachinery/validation/formats.ts";
import { defineResource } from "../../define-resource.ts";
import type { ResourceDefinition, Typed } from "../../resource-definition.ts";
import { ownStatus, prepared, statusPart } from "../../status-strategy.ts";
import { dropUselessFields } from "./service-normalization.ts";
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
    checkName: checkDns1035Label,
    allowCreateOnUpdate: true,
    returnsDeletedObject: true,
    setDefaults: (service: Service) => setServiceDefaults(service),
    ...prepared(ownStatus({ loadBalancer: {} }), {
      prepareForCreate() {},
      prepareForUpdate(service: Service, old: Service) {
        if (service.spec !== undefined && old.spec !== undefined) dropUselessFields(service.spec, old.spec);
      },
    }),
    validate: (service: Service) => validateService(service),
    validateUpdate: (service: Service, old: Service) => [
      ...validateServiceUpdate(service, old),
      ...validateService(service),
    ],
    warnings: ({ spec, metadata }: Service) => serviceWarnings(spec ?? {}, metadata.annotations),
  },
  subresources: {
    status: statusPart({
      validateUpdate: (service: Service) => validateServiceStatus(service),
      warnings: ({ status }: Service) => loadBalancerWarnings(status?.loadBalancer),
    }),
    proxy: { type: "connect", kind: "ServiceProxyOptions", methods: proxyMethods },
  },
  table: serviceTable,
  selectableFields: ({ spec }: Service) => ({
    "spec.clusterIP": spec?.clusterIP ?? "",
    "spec.type": spec?.type ?? "",
  }),
});
