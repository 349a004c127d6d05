import type { V1Node } from "../../../api/generated/types.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { AdmissionRequest } from "../admission.ts";

const restrictedDomain = "node-restriction.kubernetes.io";

/** The labels of Kubernetes' own domains that a node may set on itself (`k8s.io/kubelet/pkg/apis`). */
const ownLabels: ReadonlySet<string> = new Set([
  "kubernetes.io/hostname",
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/instance-type",
  "beta.kubernetes.io/os",
  "failure-domain.beta.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
]);
const ownLabelDomains = ["kubelet.kubernetes.io", "node.kubernetes.io"];

/** A node writes its own object alone, and neither its taints nor labels by which workloads are kept apart. */
export function restrictNode(
  node: string,
  { operation, context, object, old }: AdmissionRequest,
): string | undefined {
  const name = context.info.name || object?.metadata.name || "";
  if (name !== node)
    return `node ${JSON.stringify(node)} is not allowed to modify node ${JSON.stringify(name)}`;
  const forbidden = changedLabels(object?.metadata.labels, old?.metadata.labels).filter(isForbidden).sort();
  if (operation === "CREATE") {
    if (forbidden.length === 0) return undefined;
    return `node ${JSON.stringify(node)} is not allowed to set the following labels: ${forbidden.join(", ")}`;
  }
  if (operation !== "UPDATE") return undefined;
  // Decoding made both Nodes.
  const taints = (object as unknown as V1Node).spec?.taints ?? [];
  const oldTaints = (old as unknown as V1Node).spec?.taints ?? [];
  if (!equalJson(taints, oldTaints)) return `node ${JSON.stringify(node)} is not allowed to modify taints`;
  return forbidden.length === 0 ? undefined : `is not allowed to modify labels: ${forbidden.join(", ")}`;
}

type Labels = Readonly<Record<string, string>>;

function changedLabels(labels: Labels = {}, oldLabels: Labels = {}): readonly string[] {
  const keys = new Set([...Object.keys(labels), ...Object.keys(oldLabels)]);
  return Array.from(keys).filter((key) => labels[key] !== oldLabels[key]);
}

function isIn(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}

function isForbidden(key: string): boolean {
  const domain = key.includes("/") ? key.slice(0, key.indexOf("/")) : "";
  if (isIn(domain, restrictedDomain)) return true;
  if (!isIn(domain, "kubernetes.io") && !isIn(domain, "k8s.io")) return false;
  return !ownLabels.has(key) && !ownLabelDomains.some((own) => isIn(domain, own));
}
