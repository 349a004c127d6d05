/** All roles and bindings, held so that the question who may what takes microseconds. */

import type {
  RbacV1Subject,
  V1ClusterRole,
  V1PolicyRule,
  V1RoleBinding,
  V1RoleRef,
} from "../../../api/generated/types.ts";
import type { Logger } from "../../../base/logging.ts";
import type { UserInfo } from "../../../registry/resource-definition.ts";
import { storagePrefixOf } from "../../../registry/storage-prefix.ts";
import type { Backend } from "../../../storage/backend.ts";
import { serviceAccountUser } from "../../authentication/service-account-name.ts";
import { ObjectCache } from "../../storage/object-cache.ts";
import { CompiledRule } from "./policy-rule.ts";

/** A binding as a user is found by it. */
export interface Binding {
  /** Empty for one of the whole cluster. */
  readonly namespace: string;
  readonly name: string;
  readonly roleRef: V1RoleRef;
  readonly subjects: readonly RbacV1Subject[];
}

type Subjects = Map<string, Set<Binding>>;

/** The bindings of one namespace, or of the cluster, by whom they are for. */
class SubjectIndex {
  readonly #users: Subjects = new Map();
  readonly #groups: Subjects = new Map();
  size = 0;

  /** Calls `visit` with what is bound to the user, by itself or a group, until it says that it has enough. */
  some(user: UserInfo, visit: (binding: Binding) => boolean): boolean {
    for (const binding of this.#users.get(user.name) ?? []) if (visit(binding)) return true;
    for (const group of user.groups) {
      for (const binding of this.#groups.get(group) ?? []) if (visit(binding)) return true;
    }
    return false;
  }

  add(binding: Binding): void {
    this.size++;
    for (const subject of binding.subjects) {
      const [map, key] = this.#place(subject, binding);
      const set = map.get(key) ?? new Set();
      map.set(key, set.add(binding));
    }
  }

  remove(binding: Binding): void {
    this.size--;
    for (const subject of binding.subjects) {
      const [map, key] = this.#place(subject, binding);
      const set = map.get(key);
      set?.delete(binding);
      if (set?.size === 0) map.delete(key);
    }
  }

  #place(subject: RbacV1Subject, binding: Binding): [Subjects, string] {
    if (subject.kind === "Group") return [this.#groups, subject.name];
    if (subject.kind !== "ServiceAccount") return [this.#users, subject.name];
    return [this.#users, serviceAccountUser(subject.namespace ?? binding.namespace, subject.name)];
  }
}

function rulesOf(role: object): readonly CompiledRule[] {
  // Only roles are stored under the prefixes that this is used for.
  return ((role as Pick<V1ClusterRole, "rules">).rules ?? []).map((rule) => new CompiledRule(rule));
}

export class RoleStore {
  readonly #clusterRoles: ObjectCache<readonly CompiledRule[]>;
  readonly #roles: ObjectCache<readonly CompiledRule[]>;
  readonly #caches: ReadonlyArray<Pick<ObjectCache<object>, "start" | "stop">>;
  readonly #clusterIndex = new SubjectIndex();
  /** By namespace. */
  readonly #indexes = new Map<string, SubjectIndex>();

  constructor(backend: Backend, logger: Logger) {
    const options = { backend, logger };
    const prefixOf = (resource: string) => storagePrefixOf("rbac.authorization.k8s.io", resource);
    this.#clusterRoles = new ObjectCache({ ...options, prefix: prefixOf("clusterroles"), keep: rulesOf });
    this.#roles = new ObjectCache({ ...options, prefix: prefixOf("roles"), keep: rulesOf });
    const bindings = ["clusterrolebindings", "rolebindings"].map((resource) =>
      this.#bindingCache(options, prefixOf(resource)),
    );
    this.#caches = [this.#clusterRoles, this.#roles, ...bindings];
  }

  /** Reads all and follows the store until {@link stop}. */
  async start(): Promise<void> {
    await Promise.all(this.#caches.map((cache) => cache.start()));
  }

  stop(): void {
    for (const cache of this.#caches) cache.stop();
  }

  /** What a reference from a binding gives; undefined where there is no such role. */
  rules({ kind, name }: V1RoleRef, namespace: string): readonly CompiledRule[] | undefined {
    return kind === "ClusterRole" ? this.#clusterRoles.get(name) : this.#roles.get(`${namespace}/${name}`);
  }

  /** Calls `visit` with the bindings of a user, those of the cluster first, until it says that it has enough. */
  someBinding(user: UserInfo, namespace: string, visit: (binding: Binding) => boolean): boolean {
    if (this.#clusterIndex.some(user, visit)) return true;
    return namespace !== "" && (this.#indexes.get(namespace)?.some(user, visit) ?? false);
  }

  #bindingCache(
    options: { readonly backend: Backend; readonly logger: Logger },
    prefix: string,
  ): ObjectCache<Binding> {
    const known = new Map<string, Binding>();
    const cache = new ObjectCache<Binding>({ ...options, prefix, keep: bindingOf });
    cache.onChange((id, binding) => {
      const old = known.get(id);
      if (old !== undefined) this.#unindex(old);
      if (binding === undefined) known.delete(id);
      else {
        known.set(id, binding);
        this.#index(binding.namespace).add(binding);
      }
    });
    return cache;
  }

  #index(namespace: string): SubjectIndex {
    if (namespace === "") return this.#clusterIndex;
    const index = this.#indexes.get(namespace) ?? new SubjectIndex();
    this.#indexes.set(namespace, index);
    return index;
  }

  #unindex(binding: Binding): void {
    const index = this.#index(binding.namespace);
    index.remove(binding);
    if (index.size === 0) this.#indexes.delete(binding.namespace);
  }
}

function bindingOf(object: object): Binding {
  // Only bindings are stored under the prefixes that this is used for.
  const { metadata, roleRef, subjects = [] } = object as V1RoleBinding;
  return { namespace: metadata?.namespace ?? "", name: metadata?.name ?? "", roleRef, subjects };
}

/** The rules of a user with whose fault each missing role is. */
export interface ResolvedRules {
  readonly rules: readonly V1PolicyRule[];
  /** What could not be resolved, in kube-apiserver's words. */
  readonly errors: readonly string[];
}

/** All that a user may do in a namespace, or in none, by roles. */
export function resolveRules(store: RoleStore, user: UserInfo, namespace: string): ResolvedRules {
  const rules: V1PolicyRule[] = [];
  const errors = new Set<string>();
  store.someBinding(user, namespace, (binding) => {
    const found = store.rules(binding.roleRef, binding.namespace);
    if (found === undefined) errors.add(missingRole(binding.roleRef));
    else rules.push(...found.map(({ rule }) => rule));
    return false;
  });
  return { rules, errors: [...errors] };
}

export function missingRole({ kind, name }: V1RoleRef): string {
  return `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`;
}

/** Several complaints as one (apimachinery `util/errors` Aggregate). */
export function aggregated(errors: readonly string[]): string {
  return errors.length === 1 ? (errors[0] ?? "") : `[${errors.join(", ")}]`;
}
