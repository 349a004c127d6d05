import { type Expr, partsOf } from "./ast.ts";
import { compileRegex } from "./regex.ts";
import type { Issue } from "./source-error.ts";
import { parseDuration, parseTimestamp } from "./time-texts.ts";
import type { CelValue } from "./values.ts";

/** Functions whose constant argument can be seen to be wrong before any evaluation (cel-go `cel/validator.go`). */
const checks: Readonly<Record<string, { readonly index: number; isValid(text: string): boolean }>> = {
  duration: { index: 0, isValid: (text) => parseDuration(text) !== undefined },
  timestamp: { index: 0, isValid: (text) => parseTimestamp(text) !== undefined },
  matches: { index: -1, isValid: (text) => compileRegex(text) !== undefined },
};

/** What is wrong with the constants of a checked expression. */
export function literalIssues(expr: Expr): Issue[] {
  const issues: Issue[] = [];
  visit(expr, issues);
  return issues;
}

function visit(expr: Expr, issues: Issue[]): void {
  if (expr.kind === "call") checkCall(expr.name, expr.args, issues);
  for (const part of partsOf(expr)) visit(part, issues);
}

function checkCall(name: string, args: readonly Expr[], issues: Issue[]): void {
  const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
  const arg = check === undefined ? undefined : args.at(check.index);
  if (check === undefined || arg?.kind !== "const") return;
  const value: CelValue = arg.value;
  if (typeof value !== "string" || check.isValid(value)) return;
  issues.push({ offset: arg.offset, message: `invalid ${name} argument` });
}
