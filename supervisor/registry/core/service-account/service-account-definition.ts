import type { V1ServiceAccount } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn } from "../../table.ts";

type ServiceAccount = Typed<V1ServiceAccount>;

/** ServiceAccounts (kubernetes `pkg/registry/core/serviceaccount/strategy.go`). */
export const serviceAccountDefinition = defineResource({
  group: "",
  resource: "serviceaccounts",
  kind: "ServiceAccount",
  namespaced: true,
  shortNames: ["sa"],
  strategy: {
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
});
