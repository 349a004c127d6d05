/** Authorization by roles (kubernetes `plugin/pkg/auth/authorizer/rbac`). */
import type { RbacV1Subject } from "../../../api/generated/types.ts";
import type { UserInfo } from "../../../registry/resource-definition.ts";
import { serviceAccountUser } from "../../authentication/service-account-name.ts";
import { type Authorizer, noOpinion } from "../authorizer.ts";
import { aggregated, type Binding, missingRole, type RoleStore } from "./role-store.ts";

export function rbacAuthorizer(store: RoleStore): Authorizer {
  return {
    authorize(user, attributes) {
      const namespace = attributes.isResource ? attributes.namespace : "";
      let allowing: Binding | undefined;
      let missing: Set<string> | undefined;
      store.someBinding(user, namespace, (binding) => {
        const rules = store.rules(binding.roleRef, binding.namespace);
        if (rules === undefined) missing = (missing ?? new Set()).add(missingRole(binding.roleRef));
        else if (rules.some((rule) => rule.allows(attributes))) allowing = binding;
        return allowing !== undefined;
      });
      if (allowing !== undefined) return new Allowed(user, allowing);
      if (missing === undefined) return noOpinion;
      return { decision: "no opinion", reason: `RBAC: ${aggregated([...missing])}` };
    },
  };
}

/** Says why only when asked: most requests never do. */
class Allowed {
  readonly decision = "allow";
  readonly #user: UserInfo;
  readonly #binding: Binding;

  constructor(user: UserInfo, binding: Binding) {
    this.#user = user;
    this.#binding = binding;
  }

  get reason(): string {
    const { roleRef, namespace, name } = this.#binding;
    const kind = namespace === "" ? "ClusterRoleBinding" : "RoleBinding";
    const place = namespace === "" ? name : `${name}/${namespace}`;
    const subject = this.#binding.subjects.find((candidate) => isOf(candidate, this.#user, namespace));
    const whom = subject === undefined ? "" : describe(subject, namespace);
    return `RBAC: allowed by ${kind} ${JSON.stringify(place)} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${whom}`;
  }
}

function isOf(subject: RbacV1Subject, user: UserInfo, namespace: string): boolean {
  if (subject.kind === "Group") return user.groups.includes(subject.name);
  if (subject.kind === "User") return subject.name === user.name;
  return serviceAccountUser(subject.namespace ?? namespace, subject.name) === user.name;
}

function describe({ kind, name, namespace }: RbacV1Subject, bindingNamespace: string): string {
  const shown = kind === "ServiceAccount" ? `${name}/${namespace ?? bindingNamespace}` : name;
  return `${kind} ${JSON.stringify(shown)}`;
}
