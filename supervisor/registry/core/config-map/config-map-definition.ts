import { validateConfigMap, validateConfigMapUpdate } from "../../../api/core/v1/config-map-validation.ts";
import type { V1ConfigMap } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn } from "../../table.ts";

type ConfigMap = Typed<V1ConfigMap>;

/** ConfigMaps (kubernetes `pkg/registry/core/configmap/strategy.go`). */
export const configMapDefinition = defineResource({
  group: "",
  resource: "configmaps",
  kind: "ConfigMap",
  namespaced: true,
  shortNames: ["cm"],
  strategy: {
    validate: (configMap: ConfigMap) => validateConfigMap(configMap),
    validateUpdate: (configMap: ConfigMap, old: ConfigMap) => [
      ...validateConfigMapUpdate(configMap, old),
      ...validateConfigMap(configMap),
    ],
  },
  table: {
    columns: [
      nameColumn,
      column("Data", "The number of entries that the configmap has.", { type: "string" }),
      ageColumn,
    ],
    cells(object, nowMs) {
      // Decoding made this a ConfigMap.
      const { metadata, data = {}, binaryData = {} } = object as unknown as ConfigMap;
      const count = Object.keys(data).length + Object.keys(binaryData).length;
      return [metadata.name ?? "", count, age(metadata.creationTimestamp, nowMs)];
    },
  },
});
