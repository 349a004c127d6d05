/** Evaluates ValidatingAdmissionPolicies for a write (apiserver `policy/validating/dispatcher.go`). */

import type {
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
} from "../../../api/generated/types.ts";
import type { AdmissionMetrics } from "../../metrics/admission-metrics.ts";
import type { ResourceIndex } from "../../resource-index.ts";
import { type AccessCheck, Activation } from "./activation.ts";
import type { AdmissionTarget } from "./admission-target.ts";
import { ConfigurationError, collectParams } from "./collect-params.ts";
import { type CompiledValidatingPolicy, compileValidatingPolicy } from "./compiled-policy.ts";
import { evaluatePolicy, type PolicyVerdict } from "./evaluate-validations.ts";
import { matchResources } from "./match-resources.ts";
import type { PolicyHook } from "./policy-kinds.ts";
import { policyRefusal } from "./policy-refusal.ts";
import type { PolicySubject } from "./policy-subject.ts";

type Hook = PolicyHook<V1ValidatingAdmissionPolicy, V1ValidatingAdmissionPolicyBinding>;

export interface PolicyServices {
  readonly index: ResourceIndex;
  readonly check: AccessCheck;
  readonly metrics: AdmissionMetrics;
}

interface Refusal {
  readonly policy: string;
  readonly binding?: string;
  readonly message: string;
  readonly reason?: string;
}

interface ValidationFailure {
  readonly message: string;
  readonly policy: string;
  readonly binding: string;
  readonly expressionIndex: number;
  readonly validationActions: readonly string[];
}

/** As many failures as an audit record takes. */
const maxRecordedFailures = 50;
const maxAnnotationLength = 10 * 1024;

const compiledPolicies = new WeakMap<V1ValidatingAdmissionPolicy, CompiledValidatingPolicy>();

function compiledPolicy(policy: V1ValidatingAdmissionPolicy): CompiledValidatingPolicy {
  const known = compiledPolicies.get(policy);
  if (known !== undefined) return known;
  const compiled = compileValidatingPolicy(policy);
  compiledPolicies.set(policy, compiled);
  return compiled;
}

/** Rejects with the refusal of the first policy that denies. */
export async function validateByPolicies(
  hooks: readonly Hook[],
  subject: PolicySubject,
  services: PolicyServices,
): Promise<void> {
  const round = new ValidationRound(subject, services);
  for (const hook of hooks) await round.run(hook);
  round.finish();
}

const enforcements: Readonly<Record<string, "deny" | "audit" | "warn">> = {
  Deny: "deny",
  Audit: "audit",
  Warn: "warn",
};

class ValidationRound {
  readonly #subject: PolicySubject;
  readonly #services: PolicyServices;
  readonly #refusals: Refusal[] = [];
  readonly #failures: ValidationFailure[] = [];

  constructor(subject: PolicySubject, services: PolicyServices) {
    this.#subject = subject;
    this.#services = services;
  }

  async run({ name, policy, bindings }: Hook): Promise<void> {
    const matched = await matchResources(policy.spec?.matchConstraints, this.#subject);
    if (matched === undefined) return;
    const annotations = new Map<string, string[]>();
    for (const binding of bindings) await this.#bind(policy, binding, matched, annotations);
    for (const [key, values] of annotations) {
      this.#subject.request.context.audit?.annotate(`${name}/${key}`, values.join(", "));
    }
  }

  async #bind(
    policy: V1ValidatingAdmissionPolicy,
    binding: V1ValidatingAdmissionPolicyBinding,
    matched: AdmissionTarget,
    annotations: Map<string, string[]>,
  ): Promise<void> {
    const subject = this.#subject;
    const names = { policy: policy.metadata?.name ?? "", binding: binding.metadata?.name ?? "" };
    if ((await matchResources(binding.spec.matchResources, subject)) === undefined) return;
    try {
      const { index, check } = this.#services;
      const { paramKind } = policy.spec ?? {};
      const params = await collectParams(paramKind, binding.spec.paramRef, subject.target.namespace, index);
      const namespace = await subject.namespace();
      const compiled = compiledPolicy(policy);
      await subject.prepare(matched);
      for (const param of params) {
        const { variables } = compiled;
        const activation = new Activation({ subject, matched, namespace, params: param, check, variables });
        this.#take(evaluatePolicy(policy, compiled, activation), names, binding, annotations);
      }
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      if (policy.spec?.failurePolicy === "Ignore") return;
      this.#refusals.push({ ...names, message: `failed to configure binding: ${error.message}` });
    }
  }

  #take(
    { denials, auditAnnotations, annotationErrors }: PolicyVerdict,
    names: { readonly policy: string; readonly binding: string },
    { spec: { validationActions } }: V1ValidatingAdmissionPolicyBinding,
    annotations: Map<string, string[]>,
  ): void {
    const { warnings } = this.#subject.request.context;
    for (const { message, reason, index, errorType, seconds } of denials) {
      for (const action of validationActions) {
        const enforced = enforcements[action];
        if (enforced !== undefined) {
          const { policy, binding } = names;
          const labels = { policy, policy_binding: binding, error_type: errorType };
          this.#services.metrics.policyCheck({ ...labels, enforcement_action: enforced }, seconds);
        }
        if (action === "Deny")
          this.#refusals.push({ ...names, message, ...(reason === undefined ? {} : { reason }) });
        if (action === "Audit") {
          this.#failures.push({ message, ...names, expressionIndex: index, validationActions });
        }
        if (action === "Warn") {
          const { policy, binding } = names;
          warnings.push(
            `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`,
          );
        }
      }
    }
    for (const { key, value } of auditAnnotations) {
      const values = annotations.get(key) ?? [];
      const text = value.slice(0, maxAnnotationLength);
      if (!values.includes(text)) annotations.set(key, [...values, text]);
    }
    for (const message of annotationErrors) this.#refusals.push({ ...names, message });
  }

  /** Throws the first refusal. */
  finish(): void {
    if (this.#failures.length > 0) {
      this.#subject.request.context.audit?.annotate(
        "validation.policy.admission.k8s.io/validation_failure",
        JSON.stringify(this.#failures.slice(0, maxRecordedFailures)),
      );
    }
    const [first] = this.#refusals;
    if (first === undefined) return;
    const { policy, binding, message, reason } = first;
    const by = binding === undefined ? "" : ` with binding '${binding}'`;
    const text = `ValidatingAdmissionPolicy '${policy}'${by} denied request: ${message}`;
    throw policyRefusal(this.#subject, [text], reason);
  }
}
