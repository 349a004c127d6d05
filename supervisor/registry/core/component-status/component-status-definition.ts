import type { V1ComponentCondition, V1ComponentStatus } from "../../../api/generated/types.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { defineResource } from "../../define-resource.ts";
import type { ResourceDefinition } from "../../resource-definition.ts";
import { column, type TableDefinition, tableOf } from "../../table.ts";

const names = ["controller-manager", "etcd-0", "scheduler"];

/** They are parts of the server that answers: whoever gets an answer knows that they are there. */
function healthyComponents(): readonly ApiObject[] {
  return names.map((name) => ({
    kind: "ComponentStatus",
    apiVersion: "v1",
    metadata: { name },
    conditions: [{ type: "Healthy", status: "True", message: "ok" }],
  }));
}

const table: TableDefinition = tableOf(
  [
    column("Status", "Status of the component conditions"),
    column("Message", "Message of the component conditions"),
    column("Error", "Error of the component conditions"),
  ],
  ({ conditions = [] }: V1ComponentStatus) => {
    const healthy = conditions.find(({ type }: V1ComponentCondition) => type === "Healthy");
    const state = healthy?.status === "True" ? "Healthy" : "Unhealthy";
    return [healthy === undefined ? "Unknown" : state, healthy?.message ?? "", healthy?.error ?? ""];
  },
);

/** ComponentStatuses (kubernetes `pkg/registry/core/componentstatus`): read only, and stored nowhere. */
export const componentStatusDefinition: ResourceDefinition = defineResource({
  group: "",
  resource: "componentstatuses",
  kind: "ComponentStatus",
  deprecationWarning: "v1 ComponentStatus is deprecated in v1.19+",
  namespaced: false,
  shortNames: ["cs"],
  withoutVerbs: ["create", "delete", "deletecollection", "patch", "update", "watch"],
  compute: healthyComponents,
  view: {
    storedApiVersion: "v1",
    fromStorage(component) {
      const { resourceVersion, ...metadata } = component.metadata;
      return resourceVersion === "0" ? { ...component, metadata } : component;
    },
    toStorage: (component) => component,
  },
  table,
});
