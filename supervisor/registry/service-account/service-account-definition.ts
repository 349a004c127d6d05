import type { V1ServiceAccount } from "../../api/generated/types.ts";
import { checkDnsSubdomain } from "../../apimachinery/validation/formats.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { age, ageColumn, column, nameColumn } from "../table.ts";

type ServiceAccount = Typed<V1ServiceAccount>;

/** ServiceAccounts (kubernetes `pkg/registry/core/serviceaccount/strategy.go`). */
export const serviceAccountDefinition: ResourceDefinition = {
  group: "",
  version: "v1",
  resource: "serviceaccounts",
  singular: "serviceaccount",
  kind: "ServiceAccount",
  namespaced: true,
  shortNames: ["sa"],
  categories: [],
  model: "V1ServiceAccount",
  storagePrefix: "/registry/serviceaccounts/",
  strategy: {
    checkName: checkDnsSubdomain,
    allowUnconditionalUpdate: true,
    allowCreateOnUpdate: false,
    returnsDeletedObject: true,
  },
  subresources: {
    token: {
      type: "answer",
      group: "authentication.k8s.io",
      version: "v1",
      kind: "TokenRequest",
      model: "AuthenticationV1TokenRequest",
    },
  },
  table: {
    columns: [
      nameColumn,
      column("Secrets", "The number of secrets that the account may use.", { type: "string" }),
      ageColumn,
    ],
    cells(object, nowMs) {
      // Decoding made this a ServiceAccount.
      const { metadata, secrets = [] } = object as unknown as ServiceAccount;
      return [metadata.name ?? "", secrets.length, age(metadata.creationTimestamp, nowMs)];
    },
  },
};
