import type {
  V1IngressClass,
  V1LimitRange,
  V1Namespace,
  V1Node,
  V1PriorityClass,
  V1ResourceQuota,
  V1RuntimeClass,
  V1StorageClass,
} from "../../api/generated/types.ts";
import type { Labels } from "../../apimachinery/labels.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { Logger } from "../../base/logging.ts";
import { storagePrefixOf } from "../../registry/storage-prefix.ts";
import type { Backend, KeyValue } from "../../storage/backend.ts";
import { NamespacedCache } from "../storage/namespaced-cache.ts";
import { ObjectCache, type ObjectCacheOptions } from "../storage/object-cache.ts";
import { type ClassFacts, ingressClassFacts, storageClassFacts } from "./default-classes.ts";
import { type SecurityPolicy, securityPolicyOf } from "./pod-security/security-policy.ts";
import { topologyOf } from "./pod-topology-labels.ts";
import type { MutatingPolicyHooks } from "./policy/mutating-admission-policy.ts";
import { PolicyHooks } from "./policy/policy-hooks.ts";
import type { ValidatingPolicyHooks } from "./policy/validating-admission-policy.ts";
import { type PriorityClassFacts, priorityClassFacts } from "./priority.ts";
import type { StoredQuota } from "./resource-quota/resource-quota.ts";
import type { RuntimeClassFacts } from "./runtime-class.ts";
import { WebhookHooks } from "./webhooks/webhook-hooks.ts";

/** What the plug-ins must know of stored objects, followed in memory. */
export class AdmissionCaches {
  readonly limitRanges: NamespacedCache<V1LimitRange>;
  readonly quotas: NamespacedCache<StoredQuota>;
  readonly priorityClasses: ObjectCache<PriorityClassFacts>;
  readonly runtimeClasses: ObjectCache<RuntimeClassFacts>;
  readonly storageClasses: ObjectCache<ClassFacts>;
  readonly ingressClasses: ObjectCache<ClassFacts>;
  /** Only of Nodes whose labels say where they are. */
  readonly nodeTopologies: ObjectCache<Labels>;
  /** Only of namespaces that ask for more than nothing. */
  readonly securityPolicies: ObjectCache<SecurityPolicy>;
  readonly mutatingPolicies: MutatingPolicyHooks;
  readonly validatingPolicies: ValidatingPolicyHooks;
  readonly mutatingWebhooks: WebhookHooks;
  readonly validatingWebhooks: WebhookHooks;

  constructor(backend: Backend, logger: Logger) {
    // What lies under a resource's prefix are its objects: `Kept` is its model.
    const options = <Kept, T>(
      group: string,
      resource: string,
      keep: (object: Kept, stored: KeyValue) => T | undefined,
    ): ObjectCacheOptions<T> => ({
      backend,
      logger,
      prefix: storagePrefixOf(group, resource),
      keep: (object: ApiObject, stored) => keep(object as Kept, stored),
    });
    this.limitRanges = new NamespacedCache(options("", "limitranges", (range: V1LimitRange) => range));
    this.quotas = new NamespacedCache(
      options("", "resourcequotas", (quota: V1ResourceQuota, stored) => ({ quota, stored })),
    );
    this.priorityClasses = new ObjectCache(
      options("scheduling.k8s.io", "priorityclasses", (one: V1PriorityClass) => priorityClassFacts(one)),
    );
    this.runtimeClasses = new ObjectCache(
      options("node.k8s.io", "runtimeclasses", ({ overhead, scheduling }: V1RuntimeClass) => ({
        ...(overhead === undefined ? {} : { overhead }),
        ...(scheduling === undefined ? {} : { scheduling }),
      })),
    );
    this.storageClasses = new ObjectCache(
      options("storage.k8s.io", "storageclasses", (one: V1StorageClass) => storageClassFacts(one)),
    );
    this.ingressClasses = new ObjectCache(
      options("networking.k8s.io", "ingressclasses", (one: V1IngressClass) => ingressClassFacts(one)),
    );
    this.nodeTopologies = new ObjectCache(
      options("", "nodes", ({ metadata }: V1Node) => topologyOf(metadata?.labels ?? {})),
    );
    this.securityPolicies = new ObjectCache(
      options("", "namespaces", ({ metadata }: V1Namespace) => securityPolicyOf(metadata?.labels ?? {})),
    );
    const policies = (resource: string) => storagePrefixOf("admissionregistration.k8s.io", resource);
    this.mutatingWebhooks = new WebhookHooks(backend, logger, policies("mutatingwebhookconfigurations"));
    this.validatingWebhooks = new WebhookHooks(backend, logger, policies("validatingwebhookconfigurations"));
    this.mutatingPolicies = new PolicyHooks(backend, logger, {
      policies: policies("mutatingadmissionpolicies"),
      bindings: policies("mutatingadmissionpolicybindings"),
    });
    this.validatingPolicies = new PolicyHooks(backend, logger, {
      policies: policies("validatingadmissionpolicies"),
      bindings: policies("validatingadmissionpolicybindings"),
    });
  }

  /** Reads all and follows the store until {@link stop}. */
  async start(): Promise<void> {
    await Promise.all(this.#all().map((cache) => cache.start()));
  }

  stop(): void {
    for (const cache of this.#all()) cache.stop();
  }

  #all(): ReadonlyArray<{ start(): Promise<void>; stop(): void }> {
    return [
      this.limitRanges,
      this.quotas,
      this.priorityClasses,
      this.runtimeClasses,
      this.storageClasses,
      this.ingressClasses,
      this.nodeTopologies,
      this.securityPolicies,
      this.mutatingPolicies,
      this.validatingPolicies,
      this.mutatingWebhooks,
      this.validatingWebhooks,
    ];
  }
}
