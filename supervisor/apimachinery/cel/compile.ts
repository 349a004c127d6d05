import { CelError, CostLimitError } from "./cel-error.ts";
import { checkExpression } from "./checker.ts";
import type { Environment } from "./environment.ts";
import { type Bindings, type Evaluate, Frame } from "./frame.ts";
import { literalIssues } from "./literal-issues.ts";
import { parseExpression } from "./parser.ts";
import { planExpression } from "./planner.ts";
import { issuesText } from "./source-error.ts";
import type { CelType } from "./types.ts";
import type { CelValue } from "./values.ts";

/** What one evaluation may cost (apiserver `apis/cel` `PerCallLimit`). */
const perCallCostLimit = 1_000_000;

export type Evaluation =
  | { readonly ok: true; readonly value: CelValue; readonly cost: number }
  /** `costExceeded`: it was ended because it cost too much. */
  | { readonly ok: false; readonly message: string; readonly cost: number; readonly costExceeded: boolean };

/** An expression that is ready to be evaluated. */
export class Program {
  readonly outputType: CelType;
  /** The variables of the environment that the expression names: `oldSelf`, say. */
  readonly variables: ReadonlySet<string>;
  readonly #evaluate: Evaluate;

  constructor(outputType: CelType, variables: ReadonlySet<string>, evaluate: Evaluate) {
    this.outputType = outputType;
    this.variables = variables;
    this.#evaluate = evaluate;
  }

  /** Never throws for what an expression does. `costLimit` is what is left of a budget, where that is less than a call's. */
  evaluate(bindings: Bindings, costLimit: number = perCallCostLimit): Evaluation {
    const frame = new Frame(bindings, Math.min(costLimit, perCallCostLimit));
    try {
      const value = this.#evaluate(frame);
      return { ok: true, value, cost: frame.cost };
    } catch (error) {
      const { cost } = frame;
      if (error instanceof CelError) return { ok: false, message: error.message, cost, costExceeded: false };
      if (error instanceof CostLimitError) {
        return { ok: false, message: error.message, cost, costExceeded: true };
      }
      throw error;
    }
  }
}

/** A program, or all that is wrong with the expression in cel-go's form: `ERROR: <input>:1:1: …`. */
export type Compiled = { readonly program: Program } | { readonly problem: string };

/** Reads, checks and prepares an expression. */
export function compile(source: string, environment: Environment): Compiled {
  const { expr, issues } = parseExpression(source);
  if (expr === undefined) return { problem: issuesText(source, issues) };
  const checked = checkExpression(expr, environment);
  const all = checked.issues.length > 0 ? checked.issues : literalIssues(expr);
  if (all.length > 0) return { problem: issuesText(source, all) };
  return {
    program: new Program(checked.type, checked.variables, planExpression(expr, checked, environment)),
  };
}
