/** The defaults of HorizontalPodAutoscalers (kubernetes `pkg/apis/autoscaling/v2/defaults.go`). */
import type { Mutable } from "../../../apimachinery/mutable.ts";
import type { V2HorizontalPodAutoscaler, V2HPAScalingRules } from "../../generated/types.ts";

type Rules = Mutable<V2HPAScalingRules>;

const periodSeconds = 15;
/** The share of a CPU that is aimed at where no metric is named, in per cent. */
export const defaultCpuUtilization = 80;

function scaleUpRules(given: Rules | undefined): Rules {
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Pods", value: 4, periodSeconds },
      { type: "Percent", value: 100, periodSeconds },
    ],
    ...given,
  };
}

function scaleDownRules(given: Rules | undefined): Rules {
  return { selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds }], ...given };
}

export function cpuMetric(averageUtilization: number) {
  return {
    type: "Resource",
    resource: { name: "cpu", target: { type: "Utilization", averageUtilization } },
  };
}

export function setHorizontalPodAutoscalerDefaults({
  spec,
}: Pick<Mutable<V2HorizontalPodAutoscaler>, "spec">): void {
  if (spec === undefined) return;
  spec.minReplicas ??= 1;
  if ((spec.metrics ?? []).length === 0) spec.metrics = [cpuMetric(defaultCpuUtilization)];
  if (spec.behavior === undefined) return;
  spec.behavior.scaleUp = scaleUpRules(spec.behavior.scaleUp);
  spec.behavior.scaleDown = scaleDownRules(spec.behavior.scaleDown);
}
