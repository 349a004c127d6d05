/** Finds the type of every part of an expression and what its names mean (cel-go `checker/checker.go`). */
import {
  type CallNode,
  type ComprehensionNode,
  type Expr,
  type ListNode,
  type MapNode,
  qualifiedName,
  type SelectNode,
  type StructNode,
} from "./ast.ts";
import type { FunctionDeclaration, Overload } from "./declarations.ts";
import type { Environment } from "./environment.ts";
import type { Issue } from "./source-error.ts";
import { isDynOrError, mostGeneral, TypeUnifier } from "./type-unifier.ts";
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  dynType,
  equalTypes,
  errorType,
  intType,
  listType,
  mapType,
  nullType,
  optionalType,
  stringType,
  typeText,
  uintType,
} from "./types.ts";
import { CelUint, type CelValue } from "./values.ts";

export interface Checked {
  readonly issues: readonly Issue[];
  readonly type: CelType;
  /** The type of each node, by its number. */
  readonly types: ReadonlyMap<number, CelType>;
  /** Selections that are the name of a variable or type, and the full names of functions. */
  readonly names: ReadonlyMap<number, string>;
  /** The variables of the environment that the expression names. */
  readonly variables: ReadonlySet<string>;
}

export function checkExpression(expr: Expr, environment: Environment): Checked {
  const checker = new Checker(environment);
  checker.check(expr);
  return checker.finish(expr);
}

function constantType(value: CelValue): CelType {
  if (value === null) return nullType;
  if (value instanceof CelUint) return uintType;
  if (value instanceof Uint8Array) return bytesType;
  const kinds: Readonly<Record<string, CelType>> = {
    boolean: boolType,
    bigint: intType,
    number: doubleType,
    string: stringType,
  };
  return kinds[typeof value] ?? dynType;
}

class Checker {
  readonly issues: Issue[] = [];
  readonly #environment: Environment;
  readonly #unifier = new TypeUnifier();
  readonly #types = new Map<number, CelType>();
  readonly #names = new Map<number, string>();
  readonly #variables = new Set<string>();
  /** The variables of the comprehensions around, the innermost last. */
  readonly #scopes: Array<ReadonlyMap<string, CelType>> = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  finish(expr: Expr): Checked {
    const types = new Map<number, CelType>();
    for (const [id, type] of this.#types) types.set(id, this.#unifier.substitute(type, true));
    return {
      issues: this.issues,
      type: types.get(expr.id) ?? errorType,
      types,
      names: this.#names,
      variables: this.#variables,
    };
  }

  check(expr: Expr): CelType {
    const type = this.#typeOf(expr);
    this.#types.set(expr.id, type);
    return type;
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case "const":
        return constantType(expr.value);
      case "ident":
        return this.#identifier(expr.name, expr.id) ?? this.#undeclared(expr.offset, expr.name);
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

  #issue(offset: number, message: string): CelType {
    this.issues.push({ offset, message });
    return errorType;
  }

  #undeclared(offset: number, name: string): CelType {
    return this.#issue(offset, `undeclared reference to '${name}' (in container '')`);
  }

  #local(name: string): CelType | undefined {
    for (let index = this.#scopes.length - 1; index >= 0; index--) {
      const type = this.#scopes[index]?.get(name);
      if (type !== undefined) return type;
    }
    return undefined;
  }

  #identifier(name: string, id: number): CelType | undefined {
    const local = this.#local(name);
    if (local !== undefined) return local;
    const variable = this.#environment.variable(name);
    if (variable !== undefined) {
      this.#variables.add(name);
      this.#names.set(id, name);
      return variable;
    }
    const named = this.#environment.namedType(name);
    if (named !== undefined) this.#names.set(id, name);
    return named === undefined ? undefined : { kind: "type", of: named };
  }

  #select(expr: SelectNode): CelType {
    const qualified = qualifiedName(expr);
    if (qualified !== undefined && this.#local(qualified.split(".", 1)[0] ?? "") === undefined) {
      const type = this.#identifier(qualified, expr.id);
      if (type !== undefined) return type;
    }
    const result = this.#field(expr.operand, expr.field, expr.offset, false);
    return expr.testOnly ? boolType : this.#unifier.substitute(result, false);
  }

  #field(operand: Expr, field: string, offset: number, optional: boolean): CelType {
    const operandType = this.#unifier.substitute(this.check(operand), false);
    const target = operandType.kind === "optional" ? operandType.element : operandType;
    const result = this.#fieldOf(target, field, offset);
    return operandType.kind === "optional" || optional ? optionalType(result) : result;
  }

  #fieldOf(target: CelType, field: string, offset: number): CelType {
    if (target.kind === "map") return target.value;
    if (target.kind === "object") {
      const type = this.#environment.fieldType(target.name, field);
      return type ?? this.#issue(offset, `undefined field '${field}'`);
    }
    if (target.kind === "param") this.#unifier.assignable(dynType, target);
    else if (!isDynOrError(target)) {
      this.#issue(offset, `type '${typeText(target)}' does not support field selection`);
    }
    return dynType;
  }

  #call(expr: CallNode): CelType {
    if (expr.name === "_?._") return this.#optionalSelect(expr);
    const args = expr.args.map((arg) => this.check(arg));
    if (expr.name === "_&&_" || expr.name === "_||_") {
      for (const [index, { offset }] of expr.args.entries())
        this.#mustBe(args[index] ?? dynType, boolType, offset);
      return boolType;
    }
    if (expr.target === undefined) {
      const declaration = this.#environment.function(expr.name);
      if (declaration === undefined) return this.#undeclared(expr.offset, expr.name);
      return this.#resolve(expr, declaration, args, false);
    }
    const prefix = qualifiedName(expr.target);
    if (prefix !== undefined) {
      const namespaced = this.#environment.function(`${prefix}.${expr.name}`);
      if (namespaced !== undefined) {
        this.#names.set(expr.id, namespaced.name);
        return this.#resolve(expr, namespaced, args, false);
      }
    }
    const target = this.check(expr.target);
    const declaration = this.#environment.function(expr.name);
    if (declaration === undefined) return this.#undeclared(expr.offset, expr.name);
    return this.#resolve(expr, declaration, [target, ...args], true);
  }

  #optionalSelect({ args, offset }: CallNode): CelType {
    const [operand, field] = args;
    if (operand === undefined || field?.kind !== "const" || typeof field.value !== "string") {
      return this.#issue(offset, "unsupported optional field selection");
    }
    return this.#unifier.substitute(this.#field(operand, field.value, offset, true), false);
  }

  #resolve(
    expr: CallNode,
    { name, overloads }: FunctionDeclaration,
    args: CelType[],
    member: boolean,
  ): CelType {
    let result: CelType | undefined;
    for (const overload of overloads) {
      if (overload.member !== member || overload.params.length !== args.length) continue;
      const { params, result: declared } = this.#instance(overload);
      if (!this.#unifier.assignableAll(args, params)) continue;
      const type = this.#unifier.substitute(declared, false);
      if (result === undefined) result = type;
      else if (result.kind !== "dyn" && !equalTypes(result, type)) result = dynType;
    }
    if (result !== undefined) return result;
    const texts = args.map((arg) => typeText(this.#unifier.substitute(arg, true)));
    const [target = ""] = texts;
    const signature = member ? `${target}.(${texts.slice(1).join(", ")})` : `(${texts.join(", ")})`;
    return this.#issue(expr.offset, `found no matching overload for '${name}' applied to '${signature}'`);
  }

  /** The overload with parameters of its own, that know nothing yet. */
  #instance({ params, result, isGeneric }: Overload): Pick<Overload, "params" | "result"> {
    if (!isGeneric) return { params, result };
    const fresh = new Map<string, CelType>();
    const instantiate = (type: CelType): CelType => {
      switch (type.kind) {
        case "param": {
          const known = fresh.get(type.name) ?? this.#unifier.fresh();
          fresh.set(type.name, known);
          return known;
        }
        case "list":
          return listType(instantiate(type.element));
        case "optional":
          return optionalType(instantiate(type.element));
        case "map":
          return mapType(instantiate(type.key), instantiate(type.value));
        case "type":
          return { kind: "type", of: instantiate(type.of) };
        default:
          return type;
      }
    };
    return { params: params.map(instantiate), result: instantiate(result) };
  }

  #unwrapped(type: CelType, optional: boolean, offset: number): CelType {
    if (!optional) return type;
    if (type.kind === "optional") return type.element;
    if (type.kind !== "dyn") this.#mismatch(offset, optionalType(type), type);
    return type;
  }

  #mismatch(offset: number, expected: CelType, actual: CelType): CelType {
    return this.#issue(offset, `expected type '${typeText(expected)}' but found '${typeText(actual)}'`);
  }

  /** The type of the items of one literal: they must go together. */
  #join(previous: CelType | undefined, current: CelType, offset: number): CelType {
    if (previous === undefined) return current;
    if (this.#unifier.assignable(previous, current)) return mostGeneral(previous, current);
    return this.#mismatch(offset, previous, current);
  }

  #list({ elements }: ListNode): CelType {
    let joined: CelType | undefined;
    for (const { value, optional } of elements) {
      const type = this.#unwrapped(this.check(value), optional, value.offset);
      joined = this.#join(joined, type, value.offset);
    }
    return listType(joined ?? this.#unifier.fresh());
  }

  #map({ entries }: MapNode): CelType {
    let key: CelType | undefined;
    let joined: CelType | undefined;
    for (const entry of entries) {
      key = this.#join(key, this.check(entry.key), entry.key.offset);
      const type = this.#unwrapped(this.check(entry.value), entry.optional, entry.value.offset);
      joined = this.#join(joined, type, entry.value.offset);
    }
    return mapType(key ?? this.#unifier.fresh(), joined ?? this.#unifier.fresh());
  }

  #struct({ typeName, fields, offset }: StructNode): CelType {
    const type = this.#environment.namedType(typeName);
    if (type === undefined) return this.#undeclared(offset, typeName);
    if (type.kind !== "object") return this.#issue(offset, `'${typeText(type)}' is not a message type`);
    for (const field of fields) {
      const value = this.check(field.value);
      const expected = this.#environment.fieldType(type.name, field.name);
      if (expected === undefined) {
        this.#issue(field.offset, `undefined field '${field.name}'`);
        continue;
      }
      const actual = this.#unwrapped(value, field.optional, field.value.offset);
      if (this.#unifier.assignable(expected, actual)) continue;
      this.#issue(
        field.offset,
        `expected type of field '${field.name}' is '${typeText(expected)}' but provided type is '${typeText(actual)}'`,
      );
    }
    return type;
  }

  #comprehension(expr: ComprehensionNode): CelType {
    const range = this.#unifier.substitute(this.check(expr.range), false);
    const accu = this.check(expr.accuInit);
    const [first, second] = this.#itemTypes(range, expr);
    this.#scopes.push(new Map([[expr.accuVar, accu]]));
    const items = new Map([[expr.iterVar, first]]);
    if (expr.iterVar2 !== undefined) items.set(expr.iterVar2, second);
    this.#scopes.push(items);
    this.#mustBe(this.check(expr.condition), boolType, expr.condition.offset);
    this.#mustBe(this.check(expr.step), accu, expr.step.offset);
    this.#scopes.pop();
    const result = this.check(expr.result);
    this.#scopes.pop();
    return this.#unifier.substitute(result, false);
  }

  #mustBe(actual: CelType, expected: CelType, offset: number): void {
    if (this.#unifier.assignable(expected, actual)) return;
    this.#mismatch(offset, expected, this.#unifier.substitute(actual, false));
  }

  /** The types of a comprehension's variables. */
  #itemTypes(range: CelType, { iterVar2, range: { offset } }: ComprehensionNode): [CelType, CelType] {
    if (range.kind === "list") {
      return iterVar2 === undefined ? [range.element, dynType] : [intType, range.element];
    }
    if (range.kind === "map") return [range.key, range.value];
    if (isDynOrError(range) || range.kind === "param") {
      this.#unifier.assignable(dynType, range);
      return [dynType, dynType];
    }
    this.#issue(
      offset,
      `expression of type '${typeText(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
    );
    return [errorType, errorType];
  }
}
