import type { Mutable } from "../../../apimachinery/mutable.ts";
import { setPodTemplateDefaults } from "../../core/v1/pod/pod-defaults.ts";
import type { V1DaemonSet } from "../../generated/types.ts";

/** Kubernetes `SetDefaults_DaemonSet`. */
export function setDaemonSetDefaults(daemonSet: Pick<Mutable<V1DaemonSet>, "spec">): void {
  daemonSet.spec ??= { template: {} };
  const { spec } = daemonSet;
  spec.updateStrategy ??= {};
  const { updateStrategy } = spec;
  updateStrategy.type ||= "RollingUpdate";
  if (updateStrategy.type === "RollingUpdate") {
    updateStrategy.rollingUpdate ??= {};
    updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  setPodTemplateDefaults(spec.template);
}
