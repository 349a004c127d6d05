/** The roles of the whole cluster that every cluster has (facts of kubernetes `bootstrappolicy/policy.go`). */
import { eventsRule } from "./rule-notation.ts";

const signerDomain = "kubernetes.io";

function approver(signer: string): readonly string[] {
  return [`approve certificates signers @${signerDomain}/${signer}`];
}

/** What a node may do where the relation to its Pods does not decide. */
const node = [
  "create authentication tokenreviews",
  "create authorization localsubjectaccessreviews,subjectaccessreviews",
  "read core services",
  "create,read core nodes",
  "patch,update core nodes/status",
  "patch,update core nodes",
  "create,patch,update core events",
  "read core pods",
  "create,delete core pods",
  "patch,update core pods/status",
  "create core pods/eviction",
  "read core configmaps,secrets",
  "get core persistentvolumeclaims,persistentvolumes",
  "get core endpoints",
  "create,read certificates certificatesigningrequests",
  "create,delete,get,patch,update coordination leases",
  "get storage volumeattachments",
  "create core serviceaccounts/token",
  "get core serviceaccounts",
  "get,patch,update core persistentvolumeclaims/status",
  "read storage csidrivers",
  "create,delete,get,patch,update storage csinodes",
  "read node runtimeclasses",
  "get resource resourceclaims",
  "deletecollection resource resourceslices",
  "create,delete,patch,read,update resource resourceslices",
];

const aggregateToAdmin = [
  "create authorization localsubjectaccessreviews",
  "read,write rbac rolebindings,roles",
];

const aggregateToEdit = [
  "read core pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy",
  "impersonate core serviceaccounts",
  "write core pods,pods/attach,pods/exec,pods/portforward,pods/proxy",
  "create core pods/eviction",
  "write core configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy",
  "create core serviceaccounts/token",
  "write apps daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale",
  "write autoscaling horizontalpodautoscalers",
  "write batch cronjobs,jobs",
  "write extensions daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale",
  "write policy poddisruptionbudgets",
  "write networking ingresses,networkpolicies",
  "read,write coordination leases",
  "write resource resourceclaims,resourceclaimtemplates",
];

const aggregateToView = [
  "read core configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status",
  "read core bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status",
  "read core namespaces",
  "read discovery endpointslices",
  "read apps controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status",
  "read autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status",
  "read batch cronjobs,cronjobs/status,jobs,jobs/status",
  "read extensions daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale",
  "read policy poddisruptionbudgets,poddisruptionbudgets/status",
  "read networking ingresses,ingresses/status,networkpolicies",
  "read resource resourceclaims,resourceclaims/status,resourceclaimtemplates",
];

const controllerManager = [
  eventsRule,
  "create coordination leases",
  "get,update coordination leases @kube-controller-manager",
  "create core secrets,serviceaccounts",
  "delete core secrets",
  "get core configmaps,namespaces,secrets,serviceaccounts",
  "update core secrets,serviceaccounts",
  "create authentication tokenreviews",
  "create authorization subjectaccessreviews",
  "list,watch * *",
  "create core serviceaccounts/token",
];

const scheduler = [
  eventsRule,
  "create coordination leases",
  "get,update coordination leases @kube-scheduler",
  "read core nodes",
  "delete,read core pods",
  "create core bindings,pods/binding",
  "patch,update core pods/status",
  "read core replicationcontrollers,services",
  "read apps,extensions replicasets",
  "read apps statefulsets",
  "read policy poddisruptionbudgets",
  "read core persistentvolumeclaims,persistentvolumes",
  "create authentication tokenreviews",
  "create authorization subjectaccessreviews",
  "read storage csinodes",
  "read core namespaces",
  "read storage csidrivers",
  "read storage csistoragecapacities",
  "read storage volumeattachments",
  "read resource deviceclasses",
  "read resource resourceslices",
  "patch,read,update resource resourceclaims",
  "patch,read,update resource resourceclaims/status",
  "patch,read,update core pods/finalizers",
];

/** Rules by role. */
export const clusterRoleRules: Readonly<Record<string, readonly string[]>> = {
  "cluster-admin": ["* * *", "* *"],
  "system:aggregate-to-admin": aggregateToAdmin,
  "system:aggregate-to-edit": aggregateToEdit,
  "system:aggregate-to-view": aggregateToView,
  "system:auth-delegator": [
    "create authentication tokenreviews",
    "create authorization subjectaccessreviews",
  ],
  "system:basic-user": [
    "create authorization selfsubjectaccessreviews,selfsubjectrulesreviews",
    "create authentication selfsubjectreviews",
  ],
  "system:certificates.k8s.io:certificatesigningrequests:nodeclient": [
    "create certificates certificatesigningrequests/nodeclient",
  ],
  "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient": [
    "create certificates certificatesigningrequests/selfnodeclient",
  ],
  "system:certificates.k8s.io:kube-apiserver-client-approver": approver("kube-apiserver-client"),
  "system:certificates.k8s.io:kube-apiserver-client-kubelet-approver": approver(
    "kube-apiserver-client-kubelet",
  ),
  "system:certificates.k8s.io:kubelet-serving-approver": approver("kubelet-serving"),
  "system:certificates.k8s.io:legacy-unknown-approver": approver("legacy-unknown"),
  "system:discovery": [
    "get /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/",
  ],
  "system:heapster": ["read core events,namespaces,nodes,pods", "read extensions deployments"],
  "system:kube-aggregator": ["read core endpoints,services"],
  "system:kube-controller-manager": controllerManager,
  "system:kube-dns": ["list,watch core endpoints,services"],
  "system:kube-scheduler": scheduler,
  "system:kubelet-api-admin": [
    "read core nodes",
    "proxy core nodes",
    "* core nodes/log,nodes/metrics,nodes/proxy,nodes/stats",
    "* core nodes/configz,nodes/healthz,nodes/pods",
  ],
  "system:monitoring": ["get /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*"],
  "system:node": node,
  "system:node-bootstrapper": ["create,read certificates certificatesigningrequests"],
  "system:node-problem-detector": ["get core nodes", "patch core nodes/status", eventsRule],
  "system:node-proxier": [
    "list,watch core endpoints,services",
    "read core nodes",
    eventsRule,
    "list,watch discovery endpointslices",
    "list,watch networking servicecidrs",
  ],
  "system:persistent-volume-provisioner": [
    "create,delete,read core persistentvolumes",
    "read,update core persistentvolumeclaims",
    "read storage storageclasses",
    "watch core events",
    eventsRule,
  ],
  "system:public-info-viewer": ["get /healthz,/livez,/readyz,/version,/version/"],
  "system:service-account-issuer-discovery": [
    "get /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/",
  ],
  "system:volume-scheduler": [
    "patch,read,update core persistentvolumes",
    "read storage storageclasses",
    "patch,read,update core persistentvolumeclaims",
  ],
};

/** Roles that gather the rules of those which carry the label `aggregate-to-<the value>`. */
export const aggregatedRoles: Readonly<Record<string, string>> = {
  admin: "admin",
  edit: "edit",
  view: "view",
};

/** The aggregations that roles are gathered by. */
export const aggregationLabels: Readonly<Record<string, string>> = {
  edit: "admin",
  view: "edit",
  "system:aggregate-to-admin": "admin",
  "system:aggregate-to-edit": "edit",
  "system:aggregate-to-view": "view",
  "system:aggregated-metrics-reader": "view",
};

/** Whom the roles are given to: `group:NAME`, `user:NAME`, `account:NAME` of kube-system. */
export const clusterRoleSubjects: Readonly<Record<string, readonly string[]>> = {
  "cluster-admin": ["group:system:masters"],
  "system:basic-user": ["group:system:authenticated"],
  "system:discovery": ["group:system:authenticated"],
  "system:kube-controller-manager": ["user:system:kube-controller-manager"],
  "system:kube-dns": ["account:kube-dns"],
  "system:kube-scheduler": ["user:system:kube-scheduler"],
  "system:monitoring": ["group:system:monitoring"],
  "system:node": [],
  "system:node-proxier": ["user:system:kube-proxy"],
  "system:public-info-viewer": ["group:system:authenticated", "group:system:unauthenticated"],
  "system:service-account-issuer-discovery": ["group:system:serviceaccounts"],
  "system:volume-scheduler": ["user:system:kube-scheduler"],
};
