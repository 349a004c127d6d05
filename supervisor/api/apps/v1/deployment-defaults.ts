import type { Mutable } from "../../../apimachinery/mutable.ts";
import { setPodTemplateDefaults } from "../../core/v1/pod/pod-defaults.ts";
import type { V1Deployment } from "../../generated/types.ts";

/** Kubernetes `SetDefaults_Deployment`. */
export function setDeploymentDefaults(deployment: Pick<Mutable<V1Deployment>, "spec">): void {
  deployment.spec ??= { template: {} };
  const { spec } = deployment;
  spec.replicas ??= 1;
  spec.strategy ??= {};
  const { strategy } = spec;
  strategy.type ||= "RollingUpdate";
  if (strategy.type === "RollingUpdate") {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= "25%";
    strategy.rollingUpdate.maxSurge ??= "25%";
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  setPodTemplateDefaults(spec.template);
}
