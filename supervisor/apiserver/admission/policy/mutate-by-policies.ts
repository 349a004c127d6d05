/** Makes the changes of MutatingAdmissionPolicies (apiserver `policy/mutating/dispatcher.go`). */
import type {
  V1MutatingAdmissionPolicy,
  V1MutatingAdmissionPolicyBinding,
} from "../../../api/generated/types.ts";
import { CelError } from "../../../apimachinery/cel/cel-error.ts";
import type { CelValue } from "../../../apimachinery/cel/values.ts";
import { ApiError } from "../../../apimachinery/errors.ts";
import { cloneJson, equalJson, type JsonObject } from "../../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { mergeTypeOf } from "../../handlers/field-write.ts";
import type { Reinvocation } from "../reinvocation.ts";
import { Activation, CostBudget, OutOfBudgetError } from "./activation.ts";
import type { AdmissionTarget } from "./admission-target.ts";
import { mergeConfiguration } from "./apply-configuration.ts";
import { ConfigurationError, collectParams } from "./collect-params.ts";
import { type CompiledMutatingPolicy, compileMutatingPolicy } from "./compiled-policy.ts";
import { applyMadePatch } from "./json-patch-mutation.ts";
import { evaluateMatchConditions } from "./match-conditions.ts";
import { matchResources } from "./match-resources.ts";
import { MutationError } from "./mutation-error.ts";
import type { PolicyHook } from "./policy-kinds.ts";
import { policyRefusal } from "./policy-refusal.ts";
import type { PolicySubject } from "./policy-subject.ts";
import type { PolicyServices } from "./validate-by-policies.ts";

type Hook = PolicyHook<V1MutatingAdmissionPolicy, V1MutatingAdmissionPolicyBinding>;

/** What the expression of one mutation may spend (apiserver `apis/cel`). */
const mutationBudget = 10_000_000;

const compiledPolicies = new WeakMap<V1MutatingAdmissionPolicy, CompiledMutatingPolicy>();

function compiledPolicy(policy: V1MutatingAdmissionPolicy): CompiledMutatingPolicy {
  const known = compiledPolicies.get(policy);
  if (known !== undefined) return known;
  const compiled = compileMutatingPolicy(policy);
  compiledPolicies.set(policy, compiled);
  return compiled;
}

/** A policy for one binding and one object of its parameters. */
interface Invocation {
  readonly policy: V1MutatingAdmissionPolicy;
  readonly binding: V1MutatingAdmissionPolicyBinding;
  readonly matched: AdmissionTarget;
  readonly params: ApiObject | undefined;
}

/** What the second round knows of the first (apiserver `policy/mutating/reinvocationcontext.go`). */
class Memory {
  lastOutput: JsonObject | undefined;
  readonly #invoked = new Set<string>();
  readonly #due = new Set<string>();

  invoked(key: string): void {
    this.#invoked.add(key);
  }

  /** The object has changed: what was invoked before comes again. */
  requireInvoked(): void {
    for (const key of this.#invoked) this.#due.add(key);
    this.#invoked.clear();
  }

  isDue(key: string): boolean {
    return this.#due.has(key);
  }
}

function keyOf({ policy, binding, params }: Invocation): string {
  const { namespace = "", name = "" } = params?.metadata ?? {};
  return [policy.metadata?.name, binding.metadata?.name, namespace, name].join("\n");
}

/** Rejects with a refusal where a policy cannot be followed and its failure policy is not `Ignore`. */
export async function mutateByPolicies(
  hooks: readonly Hook[],
  subject: PolicySubject,
  services: PolicyServices,
  reinvocation: Reinvocation,
): Promise<void> {
  const round = new MutationRound(subject, services, reinvocation);
  for (const hook of hooks) await round.collect(hook);
  await round.run();
}

class MutationRound {
  readonly #subject: PolicySubject;
  readonly #services: PolicyServices;
  readonly #reinvocation: Reinvocation;
  readonly #memory: Memory;
  readonly #invocations: Invocation[] = [];
  readonly #refusals: string[] = [];
  /** Whether a policy has given the object a new state, be it the same. */
  #isWritten = false;

  constructor(subject: PolicySubject, services: PolicyServices, reinvocation: Reinvocation) {
    this.#subject = subject;
    this.#services = services;
    this.#reinvocation = reinvocation;
    this.#memory = reinvocation.memory("MutatingAdmissionPolicy", () => new Memory());
  }

  async collect({ policy, bindings }: Hook): Promise<void> {
    const subject = this.#subject;
    const matched = await matchResources(policy.spec?.matchConstraints, subject);
    if (matched === undefined) return;
    for (const binding of bindings) {
      if ((await matchResources(binding.spec?.matchResources, subject)) === undefined) continue;
      const { paramKind } = policy.spec ?? {};
      const { index } = this.#services;
      try {
        const { namespace } = subject.target;
        for (const params of await collectParams(paramKind, binding.spec?.paramRef, namespace, index)) {
          this.#invocations.push({ policy, binding, matched, params });
        }
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        this.#refuse(policy, binding, `failed to configure binding: ${error.message}`);
      }
    }
  }

  #refuse(
    policy: V1MutatingAdmissionPolicy,
    binding: V1MutatingAdmissionPolicyBinding,
    message: string,
  ): void {
    if (policy.spec?.failurePolicy === "Ignore") return;
    const by = `policy '${policy.metadata?.name}' with binding '${binding.metadata?.name}'`;
    this.#refusals.push(`${by} denied request: ${message}`);
  }

  async run(): Promise<void> {
    if (this.#invocations.length > 0) {
      const isChanged = !equalJson(this.#memory.lastOutput, this.#subject.object);
      if (this.#reinvocation.isSecond && isChanged) this.#memory.requireInvoked();
      const namespace = await this.#subject.namespace();
      for (const invocation of this.#invocations) await this.#invoke(invocation, namespace);
      if (this.#isWritten) {
        this.#memory.requireInvoked();
        this.#reinvocation.want();
      }
      this.#memory.lastOutput = this.#snapshot();
    }
    if (this.#refusals.length > 0) throw policyRefusal(this.#subject, this.#refusals, "Invalid", 403);
  }

  /** The object as it is now. */
  #snapshot(): JsonObject {
    // Objects are JSON.
    return cloneJson((this.#subject.object ?? {}) as unknown as JsonObject);
  }

  async #invoke(invocation: Invocation, namespace: ApiObject | undefined): Promise<void> {
    const { policy, binding, matched } = invocation;
    await this.#subject.prepare(matched);
    const compiled = compiledPolicy(policy);
    const activate = () => this.#activation(invocation, compiled, namespace);
    const verdict = evaluateMatchConditions(compiled.matchConditions, activate(), policy.spec?.failurePolicy);
    if ("error" in verdict) {
      this.#refuse(policy, binding, verdict.error);
      return;
    }
    const key = keyOf(invocation);
    if (!verdict.matches || (this.#reinvocation.isSecond && !this.#memory.isDue(key))) return;
    const before = this.#snapshot();
    for (const mutation of compiled.mutations) {
      try {
        await this.#mutate(invocation, mutation, activate());
      } catch (error) {
        if (!isRefusal(error)) throw error;
        this.#refuse(policy, binding, error.message);
      }
    }
    if (!equalJson(before, this.#subject.object)) this.#memory.requireInvoked();
    if (policy.spec?.reinvocationPolicy === "IfNeeded") this.#memory.invoked(key);
  }

  #activation(
    { matched, params }: Invocation,
    { variables }: CompiledMutatingPolicy,
    namespace: ApiObject | undefined,
  ): Activation {
    const { check } = this.#services;
    return new Activation({ subject: this.#subject, matched, namespace, params, check, variables });
  }

  async #mutate(
    { matched }: Invocation,
    { patchType, compiled }: CompiledMutatingPolicy["mutations"][number],
    activation: Activation,
  ): Promise<void> {
    if (compiled.program === undefined) throw new MutationError(compiled.problem);
    const outcome = activation.evaluate(compiled, new CostBudget(mutationBudget));
    if (outcome.error !== undefined) throw new MutationError(outcome.error);
    const object = this.#subject.inVersionOf(matched, this.#subject.object);
    if (object === undefined) return;
    // Objects are JSON; patches get their own copy.
    const target = cloneJson(object as unknown as JsonObject);
    const patched = this.#patched(matched, patchType, target, outcome.value);
    if (patched === undefined) return;
    // What a policy makes is decoded as strictly as what a client sends.
    await this.#subject.replace(matched, this.#subject.read(matched, patched, "Strict"));
    this.#isWritten = true;
  }

  #patched(
    matched: AdmissionTarget,
    patchType: string,
    target: JsonObject,
    made: CelValue,
  ): JsonObject | undefined {
    if (patchType === "JSONPatch") return applyMadePatch(target, made);
    return mergeConfiguration(target, made, mergeTypeOf(this.#subject.storeOf(matched).definition));
  }
}

/** What a policy is answerable for. */
function isRefusal(error: unknown): error is Error {
  return (
    error instanceof MutationError ||
    error instanceof CelError ||
    error instanceof OutOfBudgetError ||
    (error instanceof ApiError && error.code === 400)
  );
}
