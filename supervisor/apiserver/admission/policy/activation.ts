import { CelError } from "../../../apimachinery/cel/cel-error.ts";
import { celFromJson } from "../../../apimachinery/cel/json-views.ts";
import {
  type AccessQuestion,
  type AccessReviewer,
  AuthorizerValue,
  ResourceCheck,
} from "../../../apimachinery/cel/library/authorizer.ts";
import { type CelValue, LazyFields } from "../../../apimachinery/cel/values.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import type { UserInfo } from "../../../registry/resource-definition.ts";
import type { AdmissionTarget } from "./admission-target.ts";
import type { CompiledExpression } from "./compiled-expression.ts";
import type { PolicySubject } from "./policy-subject.ts";
import { reviewRequest } from "./review-request.ts";

/** Says whether a user may do something. */
export type AccessCheck = (
  user: UserInfo,
  question: AccessQuestion,
) => { readonly allowed: boolean; readonly reason: string; readonly error?: string };

/** An evaluation ended because what a policy may spend is spent. */
export class OutOfBudgetError extends Error {
  override readonly name = "OutOfBudgetError";

  constructor() {
    super("validation failed due to running out of cost budget, no further validation rules will be run");
  }
}

/** What the expressions of one policy may still spend. */
export class CostBudget {
  #left: number;

  constructor(cost: number) {
    this.#left = cost;
  }

  /** Throws an {@link OutOfBudgetError}. */
  spend(cost: number): void {
    if (cost > this.#left) throw new OutOfBudgetError();
    this.#left -= cost;
  }
}

export type Outcome =
  | { readonly value: CelValue; readonly error?: undefined }
  | { readonly error: string; readonly value?: undefined };

export interface ActivationOptions {
  readonly subject: PolicySubject;
  /** The resource as the policy's rules name it. */
  readonly matched: AdmissionTarget;
  readonly namespace: ApiObject | undefined;
  readonly params: ApiObject | undefined;
  readonly check: AccessCheck;
  /** The policy's variables, in their order. */
  readonly variables: ReadonlyMap<string, CompiledExpression>;
  /** Instead of the subject's own state: what earlier mutations have made of it. */
  readonly object?: ApiObject;
}

function view(object: ApiObject | undefined): CelValue {
  return object === undefined ? null : celFromJson(object);
}

/** The values that expressions of one policy see for one write; each variable is evaluated once. */
export class Activation {
  readonly #bindings: ReadonlyMap<string, CelValue>;
  #budget = new CostBudget(Number.POSITIVE_INFINITY);

  constructor(options: ActivationOptions) {
    const { subject, matched, params } = options;
    const object = options.object ?? subject.inVersionOf(matched, subject.object);
    const reviewer = accessReviewer(options.check, subject.request.context.user);
    const bindings = new Map<string, CelValue>([
      ["object", view(object)],
      ["oldObject", view(subject.inVersionOf(matched, subject.old))],
      ["params", view(params)],
      ["request", celFromJson(reviewRequest(subject, matched))],
      ["namespaceObject", view(options.namespace)],
      ["authorizer", new AuthorizerValue(reviewer)],
      ["authorizer.requestResource", requestResource(reviewer, subject.target)],
    ]);
    const makers = new Map(
      Array.from(
        options.variables,
        ([name, compiled]) => [name, () => this.#variable(name, compiled)] as const,
      ),
    );
    this.#bindings = bindings.set("variables", new LazyFields(makers));
  }

  /** Throws an {@link OutOfBudgetError}. */
  evaluate({ expression, program, problem }: CompiledExpression, budget: CostBudget): Outcome {
    if (program === undefined) return { error: `compilation error: ${problem}` };
    this.#budget = budget;
    const evaluation = program.evaluate(this.#bindings);
    budget.spend(evaluation.cost);
    if (evaluation.ok) return { value: evaluation.value };
    return { error: `expression '${expression}' resulted in error: ${evaluation.message}` };
  }

  #variable(name: string, { program, problem }: CompiledExpression): CelValue {
    if (program === undefined) {
      throw new CelError(`composited variable ${JSON.stringify(name)} fails to compile: ${problem}`);
    }
    const evaluation = program.evaluate(this.#bindings);
    this.#budget.spend(evaluation.cost);
    if (evaluation.ok) return evaluation.value;
    throw new CelError(
      `composited variable ${JSON.stringify(name)} fails to evaluate: ${evaluation.message}`,
    );
  }
}

function accessReviewer(check: AccessCheck, user: UserInfo): AccessReviewer {
  return {
    ask(question) {
      const { allowed, reason, error = "" } = check(user, question);
      return { allowed, reason, error };
    },
    asServiceAccount: (namespace, name) =>
      accessReviewer(check, {
        name: `system:serviceaccount:${namespace}:${name}`,
        groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
      }),
  };
}

function requestResource(reviewer: AccessReviewer, target: AdmissionTarget): ResourceCheck {
  const { group, version, resource, subresource, namespace, name } = target;
  return new ResourceCheck(reviewer, {
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    fieldSelector: "",
    labelSelector: "",
  });
}
