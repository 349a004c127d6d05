/** What a policy says about a write (apiserver `policy/validating/validator.go`). */
import type { V1ValidatingAdmissionPolicy } from "../../../api/generated/types.ts";
import type { PolicyErrorType } from "../../metrics/admission-metrics.ts";
import { type Activation, CostBudget, type Outcome, OutOfBudgetError } from "./activation.ts";
import type { CompiledValidatingPolicy } from "./compiled-policy.ts";
import { evaluateMatchConditions } from "./match-conditions.ts";

/** What all expressions of one policy for one binding may spend (apiserver `apis/cel`). */
const policyBudget = 10_000_000;
/** The longest message that an expression may make. */
const maxMessageBytes = 5 * 1024;

interface Denial {
  readonly message: string;
  /** Absent for errors. */
  readonly reason?: string;
  /** Which validation it was. */
  readonly index: number;
  readonly errorType: PolicyErrorType;
  /** How long it took to find out. */
  readonly seconds: number;
}

export interface PolicyVerdict {
  readonly denials: readonly Denial[];
  readonly auditAnnotations: ReadonlyArray<{ readonly key: string; readonly value: string }>;
  /** Audit annotations that could not be made; they refuse whatever the binding's actions are. */
  readonly annotationErrors: readonly string[];
}

const nothing: PolicyVerdict = { denials: [], auditAnnotations: [], annotationErrors: [] };

export function evaluatePolicy(
  { spec }: V1ValidatingAdmissionPolicy,
  compiled: CompiledValidatingPolicy,
  activation: Activation,
): PolicyVerdict {
  const ignoresErrors = spec?.failurePolicy === "Ignore";
  const failed = (message: string, errorType: PolicyErrorType): PolicyVerdict =>
    ignoresErrors ? nothing : { ...nothing, denials: [{ message, index: 0, errorType, seconds: 0 }] };
  const verdict = evaluateMatchConditions(compiled.matchConditions, activation, spec?.failurePolicy);
  if ("error" in verdict) return failed(verdict.error, "invalid_error");
  if (!verdict.matches) return nothing;
  try {
    const denials = evaluateValidations(spec, compiled, activation, ignoresErrors);
    return { denials, ...evaluateAnnotations(spec, compiled, activation, ignoresErrors) };
  } catch (error) {
    if (error instanceof OutOfBudgetError) return failed(error.message, "out_of_budget");
    throw error;
  }
}

type Spec = V1ValidatingAdmissionPolicy["spec"];

function evaluateValidations(
  spec: Spec,
  { validations }: CompiledValidatingPolicy,
  activation: Activation,
  ignoresErrors: boolean,
): Denial[] {
  const budget = new CostBudget(policyBudget);
  const outcomes = validations.map(({ expression }) => {
    const begun = performance.now();
    const outcome = activation.evaluate(expression, budget);
    return { outcome, seconds: (performance.now() - begun) / 1000 };
  });
  const messages = evaluateMessages(validations, activation, budget);
  const denials: Denial[] = [];
  for (const [index, { outcome, seconds }] of outcomes.entries()) {
    const errored = { index, seconds, errorType: "invalid_error" } as const;
    const { expression = "", message = "", reason = "Invalid" } = spec?.validations?.[index] ?? {};
    if (outcome.error !== undefined) {
      if (!ignoresErrors) denials.push({ message: outcome.error, ...errored });
    } else if (typeof messages === "string") {
      if (!ignoresErrors) denials.push({ message: `failed messageExpression: ${messages}`, ...errored });
    } else if (outcome.value !== true) {
      const text =
        madeMessage(messages[index]) || message.trim() || `failed expression: ${expression.trim()}`;
      denials.push({ message: text, reason, index, seconds, errorType: "no_error" });
    }
  }
  return denials;
}

/** The outcomes, or why there are none. */
function evaluateMessages(
  validations: CompiledValidatingPolicy["validations"],
  activation: Activation,
  budget: CostBudget,
): ReadonlyArray<Outcome | undefined> | string {
  try {
    return validations.map(({ message }) => message && activation.evaluate(message, budget));
  } catch (error) {
    if (error instanceof OutOfBudgetError) return error.message;
    throw error;
  }
}

/** What an expression has made for a message, where that is one line of a fair length. */
function madeMessage(outcome: Outcome | undefined): string {
  if (outcome === undefined || typeof outcome.value !== "string") return "";
  const message = outcome.value.trim();
  return Buffer.byteLength(message) > maxMessageBytes || message.includes("\n") ? "" : message;
}

function evaluateAnnotations(
  spec: Spec,
  { auditAnnotations }: CompiledValidatingPolicy,
  activation: Activation,
  ignoresErrors: boolean,
): Pick<PolicyVerdict, "auditAnnotations" | "annotationErrors"> {
  const budget = new CostBudget(policyBudget);
  const published: Array<{ key: string; value: string }> = [];
  const errors: string[] = [];
  for (const [index, compiled] of auditAnnotations.entries()) {
    const outcome = activation.evaluate(compiled, budget);
    const key = spec?.auditAnnotations?.[index]?.key ?? "";
    if (outcome.error !== undefined) errors.push(outcome.error);
    else if (typeof outcome.value === "string" && outcome.value.trim() !== "") {
      published.push({ key, value: outcome.value.trim() });
    }
  }
  return { auditAnnotations: published, annotationErrors: ignoresErrors ? [] : errors };
}
