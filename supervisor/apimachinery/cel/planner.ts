/** Makes a function of a checked expression that comes to its value (cel-go `interpreter`). */
import type { CallNode, ComprehensionNode, Expr, ListNode, MapNode, SelectNode, StructNode } from "./ast.ts";
import { CelError } from "./cel-error.ts";
import type { Checked } from "./checker.ts";
import type { Environment } from "./environment.ts";
import type { Evaluate } from "./frame.ts";
import { planCall } from "./plan-call.ts";
import { runComprehension } from "./run-comprehension.ts";
import { hasField, indexValue, optionalField, selectField } from "./selection.ts";
import { declaredTypeText } from "./types.ts";
import {
  CelOptional,
  CelTypeValue,
  type CelValue,
  ListValue,
  MapValue,
  StructValue,
  typeNameOf,
} from "./values.ts";

/** What making things costs (cel-go `common/cost.go`). */
const listCost = 10;
const mapCost = 30;
const structCost = 40;

export function planExpression(expr: Expr, checked: Checked, environment: Environment): Evaluate {
  return new Planner(checked, environment).plan(expr);
}

/** Nodes that are one path from a variable; others begin a path of their own. */
function isPath(expr: Expr): boolean {
  if (expr.kind === "ident" || expr.kind === "select") return true;
  return expr.kind === "call" && ["_[_]", "_[?_]", "_?._"].includes(expr.name);
}

class Planner {
  readonly #checked: Checked;
  readonly #environment: Environment;
  /** The places of the variables of comprehensions around. */
  readonly #scope: Array<{ readonly name: string; readonly slot: number }> = [];
  #slots = 0;

  constructor(checked: Checked, environment: Environment) {
    this.#checked = checked;
    this.#environment = environment;
  }

  plan(expr: Expr): Evaluate {
    switch (expr.kind) {
      case "const": {
        const { value } = expr;
        return () => value;
      }
      case "ident":
        return this.#variable(expr.name);
      case "select":
        return this.#select(expr);
      case "call":
        return this.#call(expr);
      case "list":
        return this.#list(expr);
      case "map":
        return this.#map(expr);
      case "struct":
        return this.#struct(expr);
      case "comprehension":
        return this.#comprehension(expr);
    }
  }

  #variable(name: string): Evaluate {
    const slot = this.#scope.findLast((local) => local.name === name)?.slot;
    if (slot !== undefined) {
      return (frame) => {
        frame.charge(1);
        return frame.local(slot);
      };
    }
    const named =
      this.#environment.variable(name) === undefined ? this.#environment.namedType(name) : undefined;
    if (named !== undefined) {
      const value = new CelTypeValue(declaredTypeText(named).replace(/\(.*$/, ""));
      return () => value;
    }
    return (frame) => {
      frame.charge(1);
      return frame.variable(name);
    };
  }

  /** The operand of a selection; one that begins a path costs the beginning too. */
  #operand(expr: Expr): Evaluate {
    const operand = this.plan(expr);
    if (isPath(expr)) return operand;
    return (frame) => {
      const value = operand(frame);
      frame.charge(1);
      return value;
    };
  }

  #select(expr: SelectNode): Evaluate {
    const name = this.#checked.names.get(expr.id);
    if (name !== undefined) return this.#variable(name);
    const operand = this.#operand(expr.operand);
    const { field } = expr;
    if (expr.testOnly) {
      return (frame) => {
        const value = operand(frame);
        // Looking whether something is there costs one step less than looking at it.
        frame.charge(-1);
        return hasField(value, field);
      };
    }
    return (frame) => {
      const value = operand(frame);
      frame.charge(1);
      return selectField(value, field);
    };
  }

  #call(expr: CallNode): Evaluate {
    const { name, args } = expr;
    const [first, second, third] = args;
    if (first !== undefined && second !== undefined) {
      if (name === "_?_:_" && third !== undefined) return this.#conditional(first, second, third);
      if (name === "_&&_") return logical(this.plan(first), this.plan(second), false);
      if (name === "_||_") return logical(this.plan(first), this.plan(second), true);
      if (isPath(expr)) return this.#index(name, first, second);
      const appended = this.#append(expr, first, second);
      if (appended !== undefined) return appended;
    }
    if (expr.target !== undefined && first !== undefined && (name === "or" || name === "orValue")) {
      return this.#alternative(name, expr.target, first);
    }
    if (name === "@not_strictly_false" && first !== undefined) return notStrictlyFalse(this.plan(first));
    return this.#functionCall(expr);
  }

  #functionCall(expr: CallNode): Evaluate {
    const full = this.#checked.names.get(expr.id);
    const target = full === undefined ? expr.target : undefined;
    const declaration = this.#environment.function(full ?? expr.name);
    if (declaration === undefined) throw new RangeError(`Function ${full ?? expr.name} is not declared`);
    const args = [...(target === undefined ? [] : [target]), ...expr.args].map((arg) => this.plan(arg));
    return planCall(declaration, target !== undefined, args);
  }

  /** What an optional has, else the other: it is not looked at where it is not needed. */
  #alternative(name: "or" | "orValue", first: Expr, second: Expr): Evaluate {
    const optional = this.plan(first);
    const other = this.plan(second);
    return (frame) => {
      const value = optional(frame);
      if (!(value instanceof CelOptional))
        throw new CelError(`no such overload: ${name}(${typeNameOf(value)})`);
      frame.charge(1);
      if (value.value === undefined) return other(frame);
      return name === "or" ? value : value.value;
    };
  }

  #conditional(condition: Expr, truthy: Expr, falsy: Expr): Evaluate {
    const test = this.plan(condition);
    const yes = this.plan(truthy);
    const no = this.plan(falsy);
    return (frame) => {
      const verdict = test(frame);
      if (typeof verdict !== "boolean") throw new CelError("no such overload");
      return verdict ? yes(frame) : no(frame);
    };
  }

  #index(name: string, operandExpr: Expr, keyExpr: Expr): Evaluate {
    const operand = this.#operand(operandExpr);
    const key = this.plan(keyExpr);
    if (name === "_[_]") {
      return (frame) => {
        const value = operand(frame);
        const at = key(frame);
        frame.charge(1);
        return indexValue(value, at);
      };
    }
    return (frame) => {
      const value = operand(frame);
      const at = key(frame);
      frame.charge(1);
      return optionalField(value, at);
    };
  }

  /** `@result + [item]` in a macro: the list is nobody else's and grows in place. */
  #append({ name }: CallNode, list: Expr, added: Expr): Evaluate | undefined {
    const [element] = added.kind === "list" && added.elements.length === 1 ? added.elements : [];
    const isAccumulator = list.kind === "ident" && list.name === "@result";
    if (name !== "_+_" || !isAccumulator || element === undefined) return undefined;
    const accumulator = this.#variable("@result");
    const item = this.plan(element.value);
    return (frame) => {
      const target = accumulator(frame);
      const value = item(frame);
      frame.charge(1 + listCost);
      if (!(target instanceof ListValue)) throw new CelError("no such overload");
      target.items.push(value);
      return target;
    };
  }

  #list(expr: ListNode): Evaluate {
    const elements = expr.elements.map(({ value, optional }) => ({ evaluate: this.plan(value), optional }));
    return (frame) => {
      const items: CelValue[] = [];
      for (const { evaluate, optional } of elements) {
        const value = evaluate(frame);
        if (!optional) items.push(value);
        else if (!(value instanceof CelOptional)) throw new CelError("no such overload");
        else if (value.value !== undefined) items.push(value.value);
      }
      frame.charge(listCost);
      return new ListValue(items);
    };
  }

  #map(expr: MapNode): Evaluate {
    const entries = expr.entries.map(({ key, value, optional }) => ({
      key: this.plan(key),
      value: this.plan(value),
      optional,
    }));
    return (frame) => {
      const map = new MapValue();
      for (const { key, value, optional } of entries) {
        const at = key(frame);
        let entry: CelValue | undefined = value(frame);
        if (optional) {
          if (!(entry instanceof CelOptional)) throw new CelError("no such overload");
          entry = entry.value;
        }
        if (entry !== undefined && !map.add(at, entry)) {
          throw new CelError(map.has(at) ? `Failed with repeated key` : "unsupported key type");
        }
      }
      frame.charge(mapCost);
      return map;
    };
  }

  #struct({ typeName, fields }: StructNode): Evaluate {
    const makers = fields.map(({ name, value, optional }) => ({ name, value: this.plan(value), optional }));
    return (frame) => {
      const values = new Map<string, CelValue>();
      for (const { name, value, optional } of makers) {
        let field: CelValue | undefined = value(frame);
        if (optional) {
          if (!(field instanceof CelOptional)) throw new CelError("no such overload");
          field = field.value;
        }
        if (field !== undefined) values.set(name, field);
      }
      frame.charge(structCost);
      return new StructValue(typeName, values);
    };
  }

  #local(name: string): number {
    const slot = this.#slots++;
    this.#scope.push({ name, slot });
    return slot;
  }

  #comprehension(expr: ComprehensionNode): Evaluate {
    const range = this.plan(expr.range);
    const init = this.plan(expr.accuInit);
    const accuSlot = this.#local(expr.accuVar);
    const slot = this.#local(expr.iterVar);
    const slot2 = expr.iterVar2 === undefined ? undefined : this.#local(expr.iterVar2);
    const condition = this.plan(expr.condition);
    const step = this.plan(expr.step);
    this.#scope.length -= slot2 === undefined ? 1 : 2;
    const result = this.plan(expr.result);
    this.#scope.length -= 1;
    return (frame) => {
      runComprehension({ range, init, condition, step, accuSlot, slot, slot2 }, frame);
      return result(frame);
    };
  }
}

/** `&&` and `||`: an error is none where the other side decides (cel-spec, "Logical Operators"). */
function logical(left: Evaluate, right: Evaluate, decisive: boolean): Evaluate {
  return (frame) => {
    let failure: CelError | undefined;
    for (const side of [left, right]) {
      try {
        const value = side(frame);
        if (value === decisive) return decisive;
        if (typeof value !== "boolean") failure ??= new CelError("no such overload");
      } catch (error) {
        if (!(error instanceof CelError)) throw error;
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return !decisive;
  };
}

function notStrictlyFalse(operand: Evaluate): Evaluate {
  return (frame) => {
    frame.charge(1);
    try {
      return operand(frame) !== false;
    } catch (error) {
      if (error instanceof CelError) return true;
      throw error;
    }
  };
}
