/** What an expression costs at most, by the limits of the schemas that it looks into (cel-go `checker/cost.go`). */
import type { CallNode, ComprehensionNode, Expr } from "../ast.ts";
import { type Checked, checkExpression } from "../checker.ts";
import type { DeclType } from "../decl-type.ts";
import type { Environment } from "../environment.ts";
import { parseExpression } from "../parser.ts";
import { lengthOf } from "../sizes.ts";
import { type CelType, dynType } from "../types.ts";
import { type CostNode, callCost, joinedSize } from "./call-cost.ts";
import { fixedSize, joinSizes, plus, type SizeRange, times, unknownSize, unlimited } from "./cost-size.ts";

type Path = readonly string[];

/** The sizes of what is in a list or map. */
interface EntrySizes {
  readonly container: "list" | "map";
  readonly key: SizeRange;
  readonly value: SizeRange;
}

interface Local {
  readonly path: Path;
  readonly size: SizeRange | undefined;
  readonly entries: EntrySizes | undefined;
}

const accumulator = "@result";

/** The greatest cost of an expression that compiles; `root` is the type of its variables `self` and `oldSelf`. */
export function estimateCost(source: string, environment: Environment, root: DeclType): number {
  const { expr } = parseExpression(source);
  if (expr === undefined) return 0;
  return new CostCounter(checkExpression(expr, environment), root).cost(expr);
}

class CostCounter {
  readonly #checked: Checked;
  readonly #root: DeclType;
  readonly #paths = new Map<number, Path>();
  readonly #sizes = new Map<number, SizeRange>();
  readonly #entries = new Map<number, EntrySizes>();
  readonly #locals = new Map<string, Local[]>();

  constructor(checked: Checked, root: DeclType) {
    this.#checked = checked;
    this.#root = root;
  }

  cost(expr: Expr): number {
    switch (expr.kind) {
      case "const":
        return 0;
      case "ident":
        this.#paths.set(expr.id, this.#local(expr.name)?.path ?? [expr.name]);
        return 1;
      case "select": {
        const operand = this.cost(expr.operand);
        if (expr.testOnly) return Math.max(operand - 1, 0);
        this.#paths.set(expr.id, [...this.#path(expr.operand), expr.field]);
        const { kind } = this.#type(expr.operand);
        return plus(operand, kind === "map" || kind === "object" || kind === "param" ? 1 : 0);
      }
      case "call":
        return this.#call(expr);
      case "list":
        return this.#list(
          expr.id,
          expr.elements.map(({ value }) => value),
        );
      case "map":
        return this.#map(expr);
      case "struct":
        return plus(40, ...expr.fields.map(({ value }) => this.cost(value)));
      case "comprehension":
        return this.#comprehension(expr);
    }
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #push(name: string, local: Local): void {
    const stack = this.#locals.get(name);
    if (stack === undefined) this.#locals.set(name, [local]);
    else stack.push(local);
  }

  #pop(...names: readonly string[]): void {
    for (const name of names) this.#locals.get(name)?.pop();
  }

  #type(expr: Expr): CelType {
    return this.#checked.types.get(expr.id) ?? dynType;
  }

  #path(expr: Expr): Path {
    if (expr.kind === "ident") {
      const local = this.#local(expr.name);
      if (local !== undefined) return local.path;
    }
    return this.#paths.get(expr.id) ?? [];
  }

  /** The size that the schema allows at a path; undefined where the path leaves it. */
  #declaredSize([first, ...rest]: Path): SizeRange | undefined {
    if (first === undefined || first === accumulator) return undefined;
    let type: DeclType | undefined = this.#root;
    for (const name of rest) {
      if (name === "@keys") return type.type.kind === "map" ? fixedSize(0) : undefined;
      const next: DeclType | undefined =
        name === "@items" || name === "@values" ? type.element : type.fields?.get(name)?.type;
      if (next === undefined) return undefined;
      type = next;
    }
    return { min: 0, max: type.maxElements ?? 0 };
  }

  #size(expr: Expr): SizeRange | undefined {
    const known = this.#sizes.get(expr.id) ?? literalSize(expr);
    if (known !== undefined) return known;
    const declared = this.#declaredSize(this.#path(expr));
    if (declared !== undefined) return declared;
    if (isScalar(this.#type(expr))) return fixedSize(1);
    return expr.kind === "ident" ? this.#local(expr.name)?.size : undefined;
  }

  #sizeOrUnknown(expr: Expr): SizeRange {
    return this.#size(expr) ?? unknownSize;
  }

  #entriesOf(expr: Expr): EntrySizes | undefined {
    return (
      this.#entries.get(expr.id) ?? (expr.kind === "ident" ? this.#local(expr.name)?.entries : undefined)
    );
  }

  #node(expr: Expr): CostNode {
    const path = this.#path(expr);
    const isRooted = path.length > 0 && path[0] !== accumulator;
    return {
      expr,
      type: this.#type(expr),
      size: this.#size(expr),
      itemSize: isRooted ? this.#declaredSize([...path, "@items"]) : undefined,
    };
  }

  #call(expr: CallNode): number {
    const { name, args, target: receiver } = expr;
    const full = this.#checked.names.get(expr.id);
    const target = full === undefined ? receiver : undefined;
    const costs = args.map((arg) => this.cost(arg));
    const [first, second, third] = args;
    if (name === "dyn" && first !== undefined) {
      this.#copySizes(expr, first);
      return plus(1, ...costs);
    }
    if (name === "_&&_" || name === "_||_") return plus(...costs);
    if (name === "_?_:_" && second !== undefined && third !== undefined) {
      return this.#conditional(expr, second, third, costs);
    }
    const targetCost = target === undefined ? 0 : this.cost(target);
    const { cost, size } = callCost(
      full ?? name,
      target && this.#node(target),
      args.map((arg) => this.#node(arg)),
    );
    if (first !== undefined && ["_[_]", "_[?_]"].includes(name)) this.#index(expr, first);
    else if (name === "_+_" && first !== undefined && second !== undefined)
      this.#joinEntries(expr, first, second);
    if (size !== undefined) this.#sizes.set(expr.id, size);
    return plus(cost, targetCost, ...costs);
  }

  #conditional(
    expr: CallNode,
    truthy: Expr,
    falsy: Expr,
    [test = 0, yes = 0, no = 0]: readonly number[],
  ): number {
    this.#joinEntries(expr, truthy, falsy);
    this.#sizes.set(expr.id, joinedSize(this.#node(truthy), this.#node(falsy)));
    return plus(test, Math.max(yes, no));
  }

  #index(expr: CallNode, container: Expr): void {
    const size = this.#entriesOf(container)?.value;
    if (size !== undefined) this.#sizes.set(expr.id, size);
    const step = this.#type(container).kind === "map" ? "@values" : "@items";
    this.#paths.set(expr.id, [...this.#path(container), step]);
  }

  #joinEntries(expr: Expr, left: Expr, right: Expr): void {
    const one = this.#entriesOf(left);
    const other = this.#entriesOf(right);
    if (one === undefined || other === undefined) return;
    const [key, value] = [joinSizes(one.key, other.key), joinSizes(one.value, other.value)];
    this.#entries.set(expr.id, { container: one.container, key, value });
  }

  #copySizes(to: Expr, from: Expr): void {
    const size = this.#size(from);
    const entries = this.#entriesOf(from);
    if (size !== undefined) this.#sizes.set(to.id, size);
    if (entries !== undefined) this.#entries.set(to.id, entries);
  }

  #joined(exprs: readonly Expr[]): SizeRange {
    const nothing = { min: exprs.length === 0 ? 0 : unlimited, max: 0 };
    return exprs.map((expr) => this.#sizeOrUnknown(expr)).reduce(joinSizes, nothing);
  }

  #list(id: number, elements: readonly Expr[]): number {
    const costs = elements.map((element) => this.cost(element));
    this.#entries.set(id, { container: "list", key: fixedSize(1), value: this.#joined(elements) });
    return plus(10, ...costs);
  }

  #map({ id, entries }: Extract<Expr, { readonly kind: "map" }>): number {
    const costs = entries.flatMap(({ key, value }) => [this.cost(key), this.cost(value)]);
    const key = this.#joined(entries.map((entry) => entry.key));
    this.#entries.set(id, {
      container: "map",
      key,
      value: this.#joined(entries.map((entry) => entry.value)),
    });
    return plus(30, ...costs);
  }

  #comprehension(expr: ComprehensionNode): number {
    const { range, accuInit, accuVar, condition, step, result } = expr;
    let sum = plus(this.cost(range), this.cost(accuInit));
    this.#push(accuVar, {
      path: this.#path(accuInit),
      size: this.#size(accuInit),
      entries: this.#entriesOf(accuInit),
    });
    if (isBinding(expr)) {
      sum = plus(sum, this.cost(result));
      this.#pop(accuVar);
      this.#copySizes(expr, result);
      return sum;
    }
    const names = this.#pushItems(expr);
    const each = plus(this.cost(condition), this.cost(step));
    this.#pop(...names);
    sum = plus(sum, this.cost(result));
    this.#pop(accuVar);
    const count = this.#sizeOrUnknown(range);
    if (accuInit.kind === "list" || accuInit.kind === "map") {
      this.#sizes.set(expr.id, count);
      const entries = this.#entriesOf(step);
      if (entries !== undefined) this.#entries.set(expr.id, entries);
    } else if (accuInit.kind === "const") this.#sizes.set(expr.id, this.#sizeOrUnknown(accuInit));
    return plus(sum, times(count.max, each));
  }

  /** Makes the variables of a loop known; gives their names. */
  #pushItems({ range, iterVar, iterVar2 }: ComprehensionNode): readonly string[] {
    const entries = this.#entriesOf(range);
    const path = this.#path(range);
    const isList = (entries?.container ?? this.#type(range).kind) === "list";
    const key = { path: [...path, isList ? "@indices" : "@keys"], size: entries?.key, entries: undefined };
    const value = {
      path: [...path, isList ? "@items" : "@values"],
      size: entries?.value,
      entries: undefined,
    };
    if (iterVar2 === undefined) {
      this.#push(iterVar, isList ? value : key);
      return [iterVar];
    }
    this.#push(iterVar, key);
    this.#push(iterVar2, value);
    return [iterVar, iterVar2];
  }
}

function isBinding({ range, condition, accuVar }: ComprehensionNode): boolean {
  const isEmpty = range.kind === "list" && range.elements.length === 0;
  return isEmpty && condition.kind === "const" && condition.value === false && accuVar !== accumulator;
}

function literalSize(expr: Expr): SizeRange | undefined {
  if (expr.kind === "list") return fixedSize(expr.elements.length);
  if (expr.kind === "map") return fixedSize(expr.entries.length);
  if (expr.kind !== "const") return undefined;
  const { value } = expr;
  if (typeof value === "string") return fixedSize(lengthOf(value));
  return fixedSize(value instanceof Uint8Array ? value.length : 1);
}

function isScalar(type: CelType): boolean {
  if (type.kind === "optional") return isScalar(type.element);
  return ["bool", "double", "duration", "int", "timestamp", "uint"].includes(type.kind);
}
