import type { Clock } from "../../base/clock.ts";
import type { Backend } from "../../storage/backend.ts";
import type { AccountCache } from "../authentication/service-account/account-cache.ts";
import type { Authorization } from "../authorization/authorization.ts";
import type { AdmissionMetrics } from "../metrics/admission-metrics.ts";
import type { ResourceIndex } from "../resource-index.ts";
import type { ServiceDialer } from "../webhooks/webhook-client.ts";
import type { AdmissionPlugin } from "./admission.ts";
import type { AdmissionCaches } from "./admission-caches.ts";
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from "./certificates.ts";
import { defaultIngressClass, defaultStorageClass } from "./default-classes.ts";
import { defaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { escalationCheck } from "./escalation-check.ts";
import { limitRanger } from "./limit-ranger/limit-ranger.ts";
import type { NamespaceCache } from "./namespace-lifecycle/namespace-cache.ts";
import { namespaceLifecycle } from "./namespace-lifecycle/namespace-lifecycle.ts";
import { nodeRestriction } from "./node-restriction/node-restriction.ts";
import { podSecurity } from "./pod-security/pod-security.ts";
import { podTopologyLabels } from "./pod-topology-labels.ts";
import { accessCheck } from "./policy/access-check.ts";
import { mutatingAdmissionPolicy } from "./policy/mutating-admission-policy.ts";
import { policyExpressions } from "./policy/policy-expressions.ts";
import { validatingAdmissionPolicy } from "./policy/validating-admission-policy.ts";
import { priority } from "./priority.ts";
import { ResourceQuotaPlugin } from "./resource-quota/resource-quota.ts";
import { runtimeClass } from "./runtime-class.ts";
import { serviceAccount } from "./service-account/service-account.ts";
import { persistentVolumeClaimResize, storageObjectInUseProtection } from "./storage-objects.ts";
import { taintNodesByCondition } from "./taint-nodes-by-condition.ts";
import { mutatingAdmissionWebhook, validatingAdmissionWebhook } from "./webhooks/webhook-plugins.ts";

export interface PluginEnvironment {
  readonly caches: AdmissionCaches;
  readonly namespaces: NamespaceCache;
  readonly accounts: AccountCache;
  readonly authorization: Authorization;
  readonly index: ResourceIndex;
  readonly backend: Backend;
  readonly clock: Clock;
  readonly metrics: AdmissionMetrics;
  /** Finds the way to webhooks that are Services. */
  readonly dialer: ServiceDialer | undefined;
  uid(): string;
}

/** Those that are on, in upstream's order (kubernetes `pkg/kubeapiserver/options/plugins.go`). */
export function builtInPlugins(environment: PluginEnvironment): readonly AdmissionPlugin[] {
  const { caches, namespaces, accounts, authorization, index, backend, clock } = environment;
  const { dialer, uid, metrics } = environment;
  const policyServices = { index, metrics, check: accessCheck(authorization.authorizer) };
  const webhookServices = { ...policyServices, dialer, uid };
  return [
    namespaceLifecycle(namespaces),
    limitRanger(caches.limitRanges),
    serviceAccount(accounts, clock),
    nodeRestriction(authorization.nodes),
    taintNodesByCondition,
    podSecurity(caches.securityPolicies),
    priority(caches.priorityClasses),
    defaultTolerationSeconds,
    defaultStorageClass(caches.storageClasses),
    storageObjectInUseProtection,
    persistentVolumeClaimResize(caches.storageClasses),
    runtimeClass(caches.runtimeClasses),
    certificateApproval,
    certificateSigning,
    certificateSubjectRestriction,
    defaultIngressClass(caches.ingressClasses),
    podTopologyLabels(caches.nodeTopologies),
    policyExpressions,
    mutatingAdmissionPolicy(caches.mutatingPolicies, policyServices),
    mutatingAdmissionWebhook(caches.mutatingWebhooks, webhookServices),
    // Upstream's storage of roles looks at them after the plug-ins that change objects.
    escalationCheck(authorization),
    validatingAdmissionPolicy(caches.validatingPolicies, policyServices),
    validatingAdmissionWebhook(caches.validatingWebhooks, webhookServices),
    // Last of all: what others refuse is not charged.
    new ResourceQuotaPlugin(caches.quotas, backend, clock),
  ];
}
