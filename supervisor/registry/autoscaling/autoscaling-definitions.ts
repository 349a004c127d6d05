import {
  horizontalPodAutoscalerToV1,
  horizontalPodAutoscalerToV2,
} from "../../api/autoscaling/v1/horizontal-pod-autoscaler-conversion.ts";
import type { ResourceDefinition } from "../resource-definition.ts";
import {
  asV1,
  autoscalerStatusStrategy,
  autoscalerStrategy,
} from "./horizontal-pod-autoscaler/horizontal-pod-autoscaler-strategy.ts";
import { horizontalPodAutoscalerTable } from "./horizontal-pod-autoscaler/horizontal-pod-autoscaler-table.ts";

const common = {
  group: "autoscaling",
  resource: "horizontalpodautoscalers",
  singular: "horizontalpodautoscaler",
  kind: "HorizontalPodAutoscaler",
  namespaced: true,
  shortNames: ["hpa"],
  categories: ["all"],
  storagePrefix: "/registry/horizontalpodautoscalers/",
} as const;

/** Stored in the form of v2, which v1 shows in its own. The first version is the preferred one. */
export const autoscalingDefinitions: readonly ResourceDefinition[] = [
  {
    ...common,
    version: "v2",
    model: "V2HorizontalPodAutoscaler",
    strategy: autoscalerStrategy,
    subresources: { status: { type: "part", strategy: autoscalerStatusStrategy } },
    table: horizontalPodAutoscalerTable((object) => object),
  },
  {
    ...common,
    version: "v1",
    model: "V1HorizontalPodAutoscaler",
    view: {
      storedApiVersion: "autoscaling/v2",
      fromStorage: horizontalPodAutoscalerToV1,
      toStorage: horizontalPodAutoscalerToV2,
    },
    strategy: asV1(autoscalerStrategy),
    subresources: { status: { type: "part", strategy: asV1(autoscalerStatusStrategy) } },
    table: horizontalPodAutoscalerTable(horizontalPodAutoscalerToV2),
  },
];
