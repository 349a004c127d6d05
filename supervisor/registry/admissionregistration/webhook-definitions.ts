import { defineResource } from "../define-resource.ts";
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

export const mutatingWebhookConfigurationDefinition = defineResource({
  group,
  resource: "mutatingwebhookconfigurations",
  kind: "MutatingWebhookConfiguration",
  namespaced: false,
  categories: ["api-extensions"],
  strategy: { ...countedGeneration(["webhooks"]) },
  table,
});

export const validatingWebhookConfigurationDefinition = defineResource({
  group,
  resource: "validatingwebhookconfigurations",
  kind: "ValidatingWebhookConfiguration",
  namespaced: false,
  categories: ["api-extensions"],
  strategy: { ...countedGeneration(["webhooks"]) },
  table,
});
