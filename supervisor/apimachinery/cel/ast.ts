import type { CelValue } from "./values.ts";

interface Node {
  /** Tells nodes apart. */
  readonly id: number;
  /** Where errors point at. */
  readonly offset: number;
}

export interface ConstNode extends Node {
  readonly kind: "const";
  readonly value: CelValue;
}

export interface IdentNode extends Node {
  readonly kind: "ident";
  readonly name: string;
}

export interface SelectNode extends Node {
  readonly kind: "select";
  readonly operand: Expr;
  readonly field: string;
  /** `has(operand.field)`. */
  readonly testOnly: boolean;
}

export interface CallNode extends Node {
  readonly kind: "call";
  readonly name: string;
  readonly target?: Expr;
  readonly args: readonly Expr[];
}

export interface ListNode extends Node {
  readonly kind: "list";
  readonly elements: ReadonlyArray<{ readonly value: Expr; readonly optional: boolean }>;
}

export interface MapNode extends Node {
  readonly kind: "map";
  readonly entries: ReadonlyArray<{ readonly key: Expr; readonly value: Expr; readonly optional: boolean }>;
}

export interface StructField {
  readonly name: string;
  readonly value: Expr;
  readonly optional: boolean;
  readonly offset: number;
}

export interface StructNode extends Node {
  readonly kind: "struct";
  readonly typeName: string;
  readonly fields: readonly StructField[];
}

/** What all macros over lists and maps become. */
export interface ComprehensionNode extends Node {
  readonly kind: "comprehension";
  readonly range: Expr;
  readonly iterVar: string;
  /** The value beside the key or index. */
  readonly iterVar2?: string;
  readonly accuVar: string;
  readonly accuInit: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

export type Expr =
  | ConstNode
  | IdentNode
  | SelectNode
  | CallNode
  | ListNode
  | MapNode
  | StructNode
  | ComprehensionNode;

/** `a.b.c` of a chain of selections from an identifier; undefined for anything else. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === "ident") return expr.name;
  if (expr.kind !== "select" || expr.testOnly) return undefined;
  const prefix = qualifiedName(expr.operand);
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`;
}

/** The expressions that an expression is made of, in the order of its text. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "const":
    case "ident":
      return [];
    case "select":
      return [expr.operand];
    case "call":
      return expr.target === undefined ? expr.args : [expr.target, ...expr.args];
    case "list":
      return expr.elements.map(({ value }) => value);
    case "map":
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case "struct":
      return expr.fields.map(({ value }) => value);
    case "comprehension":
      return [expr.range, expr.accuInit, expr.condition, expr.step, expr.result];
  }
}
