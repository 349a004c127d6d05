/** Rules of roles in short: `get,list core pods,services`, `update core configmaps @cluster-info`, `get /healthz,/livez`. */
import type { V1PolicyRule } from "../../../api/generated/types.ts";

/** Words that stand for verbs. */
const verbWords: Readonly<Record<string, readonly string[]>> = {
  read: ["get", "list", "watch"],
  write: ["create", "delete", "deletecollection", "patch", "update"],
};

/** Words that stand for groups; a group without a dot of its own stands for itself. */
const groupWords: Readonly<Record<string, string>> = {
  core: "",
  admissionregistration: "admissionregistration.k8s.io",
  authentication: "authentication.k8s.io",
  authorization: "authorization.k8s.io",
  certificates: "certificates.k8s.io",
  coordination: "coordination.k8s.io",
  discovery: "discovery.k8s.io",
  events: "events.k8s.io",
  networking: "networking.k8s.io",
  node: "node.k8s.io",
  rbac: "rbac.authorization.k8s.io",
  resource: "resource.k8s.io",
  storage: "storage.k8s.io",
};

function sortedWords(list: string): string[] {
  return list.split(",").sort();
}

export function parseRule(text: string): V1PolicyRule {
  const [verbList = "", target = "", resources, names] = text.split(" ");
  const verbs = verbList
    .split(",")
    .flatMap((word) => verbWords[word] ?? [word])
    .sort();
  if (resources === undefined) return { verbs, nonResourceURLs: sortedWords(target) };
  return {
    verbs,
    apiGroups: target
      .split(",")
      .map((word) => groupWords[word] ?? word)
      .sort(),
    resources: sortedWords(resources),
    ...(names === undefined ? {} : { resourceNames: sortedWords(names.slice(1)) }),
  };
}

/** What nearly every part may do: tell of what happens. */
export const eventsRule = "create,patch,update core,events events";
