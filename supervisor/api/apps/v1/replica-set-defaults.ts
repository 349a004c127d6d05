import type { Mutable } from "../../../apimachinery/mutable.ts";
import { setPodTemplateDefaults } from "../../core/v1/pod-defaults.ts";
import type { V1ReplicaSet } from "../../generated/types.ts";

/** Kubernetes `SetDefaults_ReplicaSet`. */
export function setReplicaSetDefaults({ spec }: Pick<Mutable<V1ReplicaSet>, "spec">): void {
  if (spec === undefined) return;
  spec.replicas ??= 1;
  if (spec.template !== undefined) setPodTemplateDefaults(spec.template);
}
