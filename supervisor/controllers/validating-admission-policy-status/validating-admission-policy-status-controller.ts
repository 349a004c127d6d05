import type { V1ValidatingAdmissionPolicy } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import type { GroupVersionResource, Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { servedKinds } from "./served-kinds.ts";

const policies: GroupVersionResource = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  resource: "validatingadmissionpolicies",
};

/** Writes into the status of each policy what is wrong with its expressions for the kinds that it is about. */
export class ValidatingAdmissionPolicyStatusController implements Controller {
  readonly name = "validatingadmissionpolicy-status-controller";
  readonly #environment: ControllerEnvironment;
  readonly #policies: Informer<V1ValidatingAdmissionPolicy>;
  readonly #queue: WorkQueue;

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    this.#policies = environment.informers.informer<V1ValidatingAdmissionPolicy>(policies);
    this.#queue = new WorkQueue({ name: "validatingadmissionpolicy-status", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = ({ metadata }: V1ValidatingAdmissionPolicy): void => this.#queue.add(metadata?.name ?? "");
    this.#policies.addHandlers({ onAdd: add, onUpdate: add });
    if (!(await waitForSync(signal, this.#policies))) return;
    await this.#queue.run(signal, 1, (name) => this.#check(name));
  }

  async #check(name: string): Promise<void> {
    const policy = this.#policies.get(name);
    if (policy === undefined) return;
    const { generation = 0 } = policy.metadata ?? {};
    if (generation <= (policy.status?.observedGeneration ?? 0)) return;
    // What is of CEL is loaded for the first policy.
    const { expressionWarnings } = await import("./type-checker.ts");
    const warnings = await expressionWarnings(policy, servedKinds(this.#environment.client.transport));
    const typeChecking = warnings.length === 0 ? {} : { expressionWarnings: warnings };
    const status = { ...policy.status, observedGeneration: generation, typeChecking };
    try {
      const resource = this.#environment.client.resource<V1ValidatingAdmissionPolicy>(policies);
      await resource.updateStatus({ ...policy, status });
    } catch (error) {
      // It is gone, or a newer state is on its way to here.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}
