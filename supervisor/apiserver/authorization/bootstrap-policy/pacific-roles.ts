/** What Pacific has beside upstream's roles: how hosts join (as kubeadm binds it) and what deciding about them takes. */

export const pacificRoleRules: Readonly<Record<string, readonly string[]>> = {
  "pacific:controller:host-approver": ["get core nodes"],
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

/** Which key holds a node's name, and how often a join token was used, stand in Secrets. */
export const pacificNamespaceRoleRules: Readonly<Record<string, readonly string[]>> = {
  "kube-system/pacific:controller:host-approver": ["create,delete,get,patch,update core secrets"],
};

export const pacificNamespaceRoleSubjects: Readonly<
  Record<string, { readonly role?: string; readonly subjects: readonly string[] }>
> = {
  "kube-system/pacific:controller:host-approver": { subjects: ["account:certificate-controller"] },
};
