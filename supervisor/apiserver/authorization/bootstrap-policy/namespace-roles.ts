/** The roles within namespaces that every cluster has (facts of kubernetes `bootstrappolicy/namespace_policy.go`). */
import { eventsRule } from "./rule-notation.ts";

function leaderLocking(component: string): readonly string[] {
  return [
    "watch core configmaps",
    `get,update core configmaps @${component}`,
    "create,list,get,update,watch coordination leases",
    "create,list,get,update,watch coordination leasecandidates",
  ];
}

/** Rules by `namespace/role`. */
export const namespaceRoleRules: Readonly<Record<string, readonly string[]>> = {
  "kube-public/system:controller:bootstrap-signer": [
    "read core configmaps",
    "update core configmaps @cluster-info",
    eventsRule,
  ],
  "kube-system/extension-apiserver-authentication-reader": [
    "read core configmaps @extension-apiserver-authentication",
  ],
  "kube-system/system::leader-locking-kube-controller-manager": leaderLocking("kube-controller-manager"),
  "kube-system/system::leader-locking-kube-scheduler": leaderLocking("kube-scheduler"),
  "kube-system/system:controller:bootstrap-signer": ["read core secrets"],
  "kube-system/system:controller:cloud-provider": ["create,read core configmaps"],
  "kube-system/system:controller:token-cleaner": ["delete,read core secrets", eventsRule],
};

/** By `namespace/binding`: the role, where it has another name, and whom it is given to. */
export const namespaceRoleSubjects: Readonly<
  Record<string, { readonly role?: string; readonly subjects: readonly string[] }>
> = {
  "kube-public/system:controller:bootstrap-signer": { subjects: ["account:bootstrap-signer"] },
  "kube-system/system::extension-apiserver-authentication-reader": {
    role: "extension-apiserver-authentication-reader",
    subjects: ["user:system:kube-controller-manager", "user:system:kube-scheduler"],
  },
  "kube-system/system::leader-locking-kube-controller-manager": {
    subjects: ["user:system:kube-controller-manager", "account:kube-controller-manager"],
  },
  "kube-system/system::leader-locking-kube-scheduler": {
    subjects: ["user:system:kube-scheduler", "account:kube-scheduler"],
  },
  "kube-system/system:controller:bootstrap-signer": { subjects: ["account:bootstrap-signer"] },
  "kube-system/system:controller:cloud-provider": { subjects: ["account:cloud-provider"] },
  "kube-system/system:controller:token-cleaner": { subjects: ["account:token-cleaner"] },
};
