/** Labels of nodes that have newer names (kubernetes `pkg/api/node/util.go`). */
import type { V1NodeSelectorTerm, V1PodSpec } from "../../../generated/types.ts";

const newerNames: ReadonlyMap<string, string> = new Map([
  ["beta.kubernetes.io/arch", "kubernetes.io/arch"],
  ["beta.kubernetes.io/os", "kubernetes.io/os"],
  ["failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"],
  ["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"],
  ["beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"],
]);

/** What is said of a label that has a newer name. */
export function nodeLabelWarning(label: string): string | undefined {
  const newer = newerNames.get(label);
  const since = label === "beta.kubernetes.io/arch" || label === "beta.kubernetes.io/os" ? "v1.14" : "v1.17";
  return newer === undefined ? undefined : `deprecated since ${since}; use ${JSON.stringify(newer)} instead`;
}

export function nodeSelectorTermWarnings(term: V1NodeSelectorTerm, path: string): string[] {
  return (term.matchExpressions ?? []).flatMap(({ key }, index) => {
    const text = nodeLabelWarning(key);
    return text === undefined ? [] : [`${path}.matchExpressions[${index}].key: ${key} is ${text}`];
  });
}

export function nodeLabelWarnings(spec: V1PodSpec, path: string): string[] {
  const warnings: string[] = [];
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const text = nodeLabelWarning(key);
    if (text !== undefined) warnings.push(`${path}.nodeSelector[${key}]: ${text}`);
  }
  const { nodeAffinity } = spec.affinity ?? {};
  const at = `${path}.affinity.nodeAffinity`;
  nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms.forEach((term, index) => {
    const place = `${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${index}]`;
    warnings.push(...nodeSelectorTermWarnings(term, place));
  });
  nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ preference }, index) => {
    const place = `${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`;
    warnings.push(...nodeSelectorTermWarnings(preference, place));
  });
  spec.topologySpreadConstraints?.forEach(({ topologyKey, labelSelector }, index) => {
    const place = `${path}.topologySpreadConstraints[${index}]`;
    const text = nodeLabelWarning(topologyKey);
    if (text !== undefined) warnings.push(`${place}.topologyKey: ${topologyKey} is ${text}`);
    if (labelSelector === undefined) {
      warnings.push(`${place}.labelSelector: a null labelSelector results in matching no pod`);
    }
  });
  return warnings;
}
