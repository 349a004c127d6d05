import type { Mutable } from "../../../../apimachinery/mutable.ts";
import type { V1ReplicationController } from "../../../generated/types.ts";
import { setPodTemplateDefaults } from "../pod/pod-defaults.ts";

type Labels = Record<string, string>;
type Controller = Pick<Mutable<V1ReplicationController>, "spec"> & { metadata: { labels?: Labels } };

function isEmpty(labels: Labels | undefined): boolean {
  return labels === undefined || Object.keys(labels).length === 0;
}

/** The template's labels stand for what is not given (kubernetes `SetDefaults_ReplicationController`). */
export function setReplicationControllerDefaults(controller: Controller): void {
  controller.spec ??= {};
  const { spec, metadata } = controller;
  spec.replicas ??= 1;
  if (spec.template !== undefined) setPodTemplateDefaults(spec.template);
  const labels = spec.template?.metadata?.labels;
  if (labels === undefined) return;
  if (isEmpty(spec.selector)) spec.selector = { ...labels };
  if (isEmpty(metadata.labels)) metadata.labels = { ...labels };
}
