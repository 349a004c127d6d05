import type { V1ClusterRole, V1PolicyRule } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import { selectorRequirements } from "../../apimachinery/label-selector.ts";
import { matchesLabels } from "../../apimachinery/labels.ts";
import type { Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";

const clusterRoles = { group: "rbac.authorization.k8s.io", version: "v1", resource: "clusterroles" };

/** Gives ClusterRoles that gather others by label the rules of those (kubernetes `pkg/controller/clusterroleaggregation`). */
export class ClusterRoleAggregationController implements Controller {
  readonly name = "clusterrole-aggregation-controller";
  readonly #environment: ControllerEnvironment;
  readonly #roles: Informer<V1ClusterRole>;
  readonly #queue: WorkQueue;

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    this.#roles = environment.informers.informer<V1ClusterRole>(clusterRoles);
    this.#queue = new WorkQueue({ name: "clusterrole-aggregation", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    // Whatever changes may be gathered: all that gather look again.
    const addAll = (): void => {
      for (const role of this.#roles.list()) {
        if (role.aggregationRule !== undefined) this.#queue.add(role.metadata?.name ?? "");
      }
    };
    this.#roles.addHandlers({
      onAdd: addAll,
      onUpdate: (role, before) => {
        if (role.metadata?.resourceVersion !== before.metadata?.resourceVersion) addAll();
      },
      onDelete: addAll,
    });
    if (!(await waitForSync(signal, this.#roles))) return;
    addAll();
    await this.#queue.run(signal, 2, (name) => this.#aggregate(name));
  }

  async #aggregate(name: string): Promise<void> {
    const role = this.#roles.get(name);
    if (role?.aggregationRule === undefined) return;
    const rules = this.#gatheredRules(role);
    if (equalJson(rules, role.rules ?? [])) return;
    try {
      const client = this.#environment.client.resource<V1ClusterRole>(clusterRoles);
      await client.update({ ...role, rules });
    } catch (error) {
      // A change that came first brings the role here again.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  /** The rules of all that the role selects, in the order of the selectors and then of names, each once. */
  #gatheredRules(role: V1ClusterRole): readonly V1PolicyRule[] {
    const sorted = this.#roles.list().toSorted((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
    const rules: V1PolicyRule[] = [];
    for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
      const requirements = selectorRequirements(selector);
      for (const other of sorted) {
        if (requirements === undefined || nameOf(other) === nameOf(role)) continue;
        if (!matchesLabels(requirements, other.metadata?.labels)) continue;
        for (const rule of other.rules ?? []) {
          if (!rules.some((known) => equalJson(known, rule))) rules.push(rule);
        }
      }
    }
    return rules;
  }
}

function nameOf({ metadata }: V1ClusterRole): string {
  return metadata?.name ?? "";
}
