/** What Pacific has beside upstream's roles: how hosts join (as kubeadm binds it) and what deciding about them takes. */

export const pacificRoleRules: Readonly<Record<string, readonly string[]>> = {
  "pacific:controller:host-approver": [
    "get core nodes",
    "approve certificates signers @kubernetes.io/kubelet-serving",
  ],
  // What metrics-server's own manifest gives to those who may look.
  "system:aggregated-metrics-reader": ["read metrics.k8s.io nodes,pods"],
};

export const pacificRoleSubjects: Readonly<
  Record<string, { readonly role?: string; readonly subjects: readonly string[] }>
> = {
  "pacific:controller:host-approver": { subjects: ["account:certificate-controller"] },
  "pacific:node-bootstrapper": {
    role: "system:node-bootstrapper",
    subjects: ["group:system:bootstrappers"],
  },
};

/**
 * Which key holds a node's name, and how often a join token was used, stand in Secrets. The ConfigMap `cluster-info`, by
 * which a cluster is found, is made here by the bootstrap signer, and everybody may read it.
 */
export const pacificNamespaceRoleRules: Readonly<Record<string, readonly string[]>> = {
  "kube-public/pacific:cluster-info": ["get core configmaps @cluster-info"],
  "kube-public/pacific:controller:bootstrap-signer": ["create core configmaps"],
  "kube-system/pacific:controller:host-approver": ["create,delete,get,patch,update core secrets"],
};

export const pacificNamespaceRoleSubjects: Readonly<
  Record<string, { readonly role?: string; readonly subjects: readonly string[] }>
> = {
  "kube-public/pacific:cluster-info": { subjects: ["user:system:anonymous"] },
  "kube-public/pacific:controller:bootstrap-signer": { subjects: ["account:bootstrap-signer"] },
  "kube-system/pacific:controller:host-approver": { subjects: ["account:certificate-controller"] },
};
