import { podTemplateWarnings } from "../../../api/core/v1/pod/pod-warnings.ts";
import type { V1Pod } from "../../../api/generated/types.ts";
import { checkDnsLabel } from "../../../apimachinery/validation/formats.ts";
import type { Typed } from "../../resource-definition.ts";

/** What the client is told about a Pod that is taken (kubernetes `pkg/registry/core/pod/strategy.go`). */
export function podWarnings(pod: Typed<V1Pod>): string[] {
  const complaints = checkDnsLabel(pod.metadata.name ?? "");
  const warnings = podTemplateWarnings(pod, "");
  if (complaints.length === 0) return warnings;
  const detail = `this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${complaints.join(" ")}]`;
  return [`metadata.name: ${detail}`, ...warnings];
}
