import type { V1ServiceAccount } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn } from "../../table.ts";

type ServiceAccount = Typed<V1ServiceAccount>;

const mountableSecrets = "kubernetes.io/enforce-mountable-secrets";

/** ServiceAccounts (kubernetes `pkg/registry/core/serviceaccount/strategy.go`). */
export const serviceAccountDefinition = defineResource({
  group: "",
  resource: "serviceaccounts",
  kind: "ServiceAccount",
  namespaced: true,
  shortNames: ["sa"],
  strategy: {
    returnsDeletedObject: true,
    warnings: ({ metadata }: ServiceAccount, old?: ServiceAccount) => {
      const isNew =
        metadata.annotations?.[mountableSecrets] !== undefined &&
        !old?.metadata.annotations?.[mountableSecrets];
      const detail = "deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets";
      return isNew ? [`metadata.annotations[${mountableSecrets}]: ${detail}`] : [];
    },
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
