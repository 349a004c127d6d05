/** The expressions of a configuration (kubernetes `apiserver/pkg/authentication/cel`). Loads CEL: import it when it is needed. */
import { type Expr, partsOf } from "../../../apimachinery/cel/ast.ts";
import { compile, type Program } from "../../../apimachinery/cel/compile.ts";
import type { DeclType } from "../../../apimachinery/cel/decl-type.ts";
import { celFromJson } from "../../../apimachinery/cel/json-views.ts";
import { kubernetesEnvironment } from "../../../apimachinery/cel/kubernetes-environment.ts";
import { parseExpression } from "../../../apimachinery/cel/parser.ts";
import {
  doubleType,
  dynType,
  listType,
  mapType,
  objectType,
  stringType,
} from "../../../apimachinery/cel/types.ts";
import { CelList, type CelValue } from "../../../apimachinery/cel/values.ts";
import type { ClaimEvaluator, Evaluated } from "./claim-mapper.ts";
import type { ExpressionCompiler } from "./validate-configuration.ts";

const text: DeclType = { type: stringType };
const texts: DeclType = { type: listType(stringType), element: text };
/** Numbers of claims are doubles, however deep. */
const claim: DeclType = {
  type: doubleType,
  get element(): DeclType {
    return claim;
  },
};
const userFields = {
  username: text,
  uid: text,
  groups: texts,
  extra: { type: mapType(stringType, texts.type), element: texts },
};
const userType: DeclType = {
  type: objectType("kubernetes.UserInfo"),
  fields: new Map(Object.entries(userFields).map(([name, type]) => [name, { name, type }])),
};
const environments = {
  claims: kubernetesEnvironment.extend({ variables: { claims: mapType(stringType, dynType) } }),
  user: kubernetesEnvironment.extend({ variables: { user: userType.type }, objects: [userType] }),
};

export class ClaimExpressions implements ExpressionCompiler, ClaimEvaluator {
  readonly #programs = { claims: new Map<string, Program>(), user: new Map<string, Program>() };

  compileClaims(expression: string, kind: "value" | "condition"): string | undefined {
    return this.#compile(expression, "claims", kind);
  }

  compileUser(expression: string): string | undefined {
    return this.#compile(expression, "user", "condition");
  }

  #compile(expression: string, variable: "claims" | "user", kind: "value" | "condition"): string | undefined {
    const compiled = compile(expression, environments[variable]);
    if ("problem" in compiled) return `compilation failed: ${compiled.problem}`;
    const { program } = compiled;
    if (kind === "condition" && program.outputType.kind !== "bool") return "must evaluate to bool";
    this.#programs[variable].set(expression, program);
    return undefined;
  }

  usesClaim(expression: string, claim: string): boolean {
    if (!this.#programs.claims.has(expression)) return false;
    const { expr } = parseExpression(expression);
    return expr !== undefined && selects(expr, claim);
  }

  evaluateClaims(expression: string, claims: unknown): Evaluated {
    return this.#evaluate(expression, "claims", celFromJson(claims, claim));
  }

  evaluateUser(expression: string, user: unknown): Evaluated {
    return this.#evaluate(expression, "user", celFromJson(user, userType));
  }

  #evaluate(expression: string, variable: "claims" | "user", value: CelValue): Evaluated {
    const program = this.#programs[variable].get(expression);
    if (program === undefined) throw new Error(`The expression ${expression} was not compiled`);
    const result = program.evaluate(new Map([[variable, value]]));
    if (!result.ok) return { error: `expression '${expression}' resulted in error: ${result.message}` };
    return { value: plain(result.value) };
  }
}

/** Texts, truths, null and lists of texts as they are; undefined for all else, which means nothing to a mapping. */
function plain(value: CelValue): Evaluated["value"] {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (!(value instanceof CelList)) return undefined;
  const items = Array.from(value);
  return items.every((item) => typeof item === "string") ? items : undefined;
}

/** Whether `claims.<claim>` is a part of an expression. */
function selects(expr: Expr, claim: string): boolean {
  const isClaims = (part: Expr | undefined) => part?.kind === "ident" && part.name === "claims";
  if (expr.kind === "select" && expr.field === claim && isClaims(expr.operand)) return true;
  if (expr.kind === "call" && expr.name === "_?._" && isClaims(expr.args[0])) {
    const [, field] = expr.args;
    if (field?.kind === "const" && field.value === claim) return true;
  }
  return partsOf(expr).some((part) => selects(part, claim));
}
