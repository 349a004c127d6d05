import {
  setWebhookDefaults,
  validateWebhooks,
} from "../../api/admissionregistration/v1/webhook-validation.ts";
import type { V1MutatingWebhookConfiguration } from "../../api/generated/types.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceStrategy, Typed } from "../resource-definition.ts";
import { countedGeneration } from "../status-strategy.ts";
import { ageColumn, column, type TableDefinition, tableOf } from "../table.ts";

const group = "admissionregistration.k8s.io";

const table: TableDefinition = tableOf(
  [
    column("Webhooks", "Webhooks indicates the number of webhooks registered in this configuration", {
      type: "integer",
    }),
    ageColumn,
  ],
  ({ webhooks = [] }: { readonly webhooks?: readonly unknown[] }, age) => [webhooks.length, age],
);

type Configuration = Typed<V1MutatingWebhookConfiguration>;

function strategy(isMutating: boolean): Partial<ResourceStrategy> {
  return {
    ...countedGeneration(["webhooks"]),
    setDefaults({ webhooks = [] }: Configuration) {
      for (const webhook of webhooks) setWebhookDefaults(webhook, isMutating);
    },
    validate: (configuration: Configuration) => validateWebhooks(configuration),
    validateUpdate: (configuration: Configuration) => validateWebhooks(configuration),
  };
}

export const mutatingWebhookConfigurationDefinition = defineResource({
  group,
  resource: "mutatingwebhookconfigurations",
  kind: "MutatingWebhookConfiguration",
  namespaced: false,
  categories: ["api-extensions"],
  strategy: strategy(true),
  table,
});

export const validatingWebhookConfigurationDefinition = defineResource({
  group,
  resource: "validatingwebhookconfigurations",
  kind: "ValidatingWebhookConfiguration",
  namespaced: false,
  categories: ["api-extensions"],
  strategy: strategy(false),
  table,
});
