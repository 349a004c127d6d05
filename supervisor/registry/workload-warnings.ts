/** What clients of workloads are told although their objects are taken (kubernetes `pkg/registry/apps` and `batch`). */
import { podTemplateWarnings } from "../api/core/v1/pod/pod-warnings.ts";
import type { V1PodTemplateSpec } from "../api/generated/types.ts";
import type { ApiObject } from "../apimachinery/object-meta.ts";
import { checkDnsLabel } from "../apimachinery/validation/formats.ts";

/** The names of Pods and their hosts begin with that of their new owner. */
export function ownerNameWarnings({ metadata }: ApiObject, old: ApiObject | undefined): string[] {
  const complaints = old === undefined ? checkDnsLabel(metadata.name ?? "") : [];
  if (complaints.length === 0) return [];
  const detail = `this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${complaints.join(" ")}]`;
  return [`metadata.name: ${detail}`];
}

/** Of a template; changes are looked at where they make a new generation. */
export function templateWarnings(
  template: V1PodTemplateSpec | undefined,
  path: string,
  object: ApiObject,
  old: ApiObject | undefined,
): string[] {
  if (old !== undefined && old.metadata.generation === object.metadata.generation) return [];
  return podTemplateWarnings(template ?? {}, path);
}
