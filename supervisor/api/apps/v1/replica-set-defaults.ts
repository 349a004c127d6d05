import type { Mutable } from "../../../apimachinery/mutable.ts";
import { setPodTemplateDefaults } from "../../core/v1/pod/pod-defaults.ts";
import type { V1ReplicaSet } from "../../generated/types.ts";

/** Kubernetes `SetDefaults_ReplicaSet`. */
export function setReplicaSetDefaults(replicaSet: Pick<Mutable<V1ReplicaSet>, "spec">): void {
  replicaSet.spec ??= { template: {} };
  const { spec } = replicaSet;
  spec.replicas ??= 1;
  spec.template ??= {};
  setPodTemplateDefaults(spec.template);
}
