/** The resources that more than one part of ours reads or writes. */
export const resources = {
  certificateSigningRequests: {
    group: "certificates.k8s.io",
    version: "v1",
    resource: "certificatesigningrequests",
  },
  leases: { group: "coordination.k8s.io", version: "v1", resource: "leases" },
  namespaces: { group: "", version: "v1", resource: "namespaces" },
  nodes: { group: "", version: "v1", resource: "nodes" },
  pods: { group: "", version: "v1", resource: "pods" },
  replicaSets: { group: "apps", version: "v1", resource: "replicasets" },
  secrets: { group: "", version: "v1", resource: "secrets" },
  serviceAccounts: { group: "", version: "v1", resource: "serviceaccounts" },
} as const;
