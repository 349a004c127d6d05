/** Macros become plain nodes while parsing (cel-go `parser/macro.go`, `ext/comprehensions.go`, `cel/library.go`). */
import type { CallNode, Expr } from "./ast.ts";
import type { NodeFactory } from "./node-factory.ts";

interface MacroProblem {
  readonly problem: string;
  readonly offset: number;
}

type Expansion = Expr | MacroProblem;

/** The places of a call that a macro makes something of. */
interface Macro {
  readonly make: NodeFactory;
  readonly offset: number;
  readonly target: Expr;
  readonly vars: readonly string[];
  /** The arguments after the variables. */
  readonly rest: readonly Expr[];
}

const accu = "@result";

/** What a call of a macro stands for, undefined where it is none. */
export function expandMacro(call: CallNode, make: NodeFactory): Expansion | undefined {
  const { name, target, args, offset } = call;
  if (target === undefined) return name === "has" && args.length === 1 ? expandHas(call, make) : undefined;
  const expander = Object.hasOwn(expanders, name) ? expanders[name] : undefined;
  if (expander === undefined) return undefined;
  const vars = expander.variables(args.length);
  if (vars === undefined) return undefined;
  const names: string[] = [];
  for (const arg of args.slice(0, vars)) {
    if (arg.kind !== "ident") return { offset: arg.offset, problem: expander.problem };
    names.push(arg.name);
  }
  const clash = names.includes(accu) || (names.length === 2 && names[0] === names[1]);
  if (clash) return { offset: args[1]?.offset ?? offset, problem: `duplicate variable name: ${names[1]}` };
  return expander.expand({ make, offset, target, vars: names, rest: args.slice(vars) });
}

function expandHas({ args, offset }: CallNode, make: NodeFactory): Expansion {
  const [arg] = args;
  if (arg?.kind !== "select" || arg.testOnly) {
    return { offset: arg?.offset ?? offset, problem: "invalid argument to has() macro" };
  }
  return make.select(offset, arg.operand, arg.field, true);
}

interface Expander {
  /** How many arguments are variables; undefined where a call of so many arguments is no macro. */
  variables(count: number): number | undefined;
  readonly problem: string;
  expand(macro: Macro): Expansion;
}

const notSimple = "argument must be a simple name";

/** All of `rest` is there: the macro's number of arguments has been checked. */
function part(parts: readonly Expr[], index: number): Expr {
  const found = parts[index];
  if (found === undefined) throw new RangeError("A macro lacks an argument");
  return found;
}

function fold(
  { make, offset, target, vars }: Macro,
  init: Expr,
  condition: Expr,
  step: Expr,
  result: Expr,
): Expr {
  const [iterVar = "", iterVar2] = vars;
  return make.comprehension(offset, {
    range: target,
    iterVar,
    ...(iterVar2 === undefined ? {} : { iterVar2 }),
    accuInit: init,
    condition,
    step,
    result,
  });
}

function expandAll(macro: Macro): Expr {
  const { make, offset, rest } = macro;
  const condition = make.call(offset, "@not_strictly_false", [make.ident(offset, accu)]);
  const step = make.call(offset, "_&&_", [make.ident(offset, accu), part(rest, 0)]);
  return fold(macro, make.constant(offset, true), condition, step, make.ident(offset, accu));
}

function expandExists(macro: Macro): Expr {
  const { make, offset, rest } = macro;
  const negated = make.call(offset, "!_", [make.ident(offset, accu)]);
  const condition = make.call(offset, "@not_strictly_false", [negated]);
  const step = make.call(offset, "_||_", [make.ident(offset, accu), part(rest, 0)]);
  return fold(macro, make.constant(offset, false), condition, step, make.ident(offset, accu));
}

function expandExistsOne(macro: Macro): Expr {
  const { make, offset, rest } = macro;
  const next = make.call(offset, "_+_", [make.ident(offset, accu), make.constant(offset, 1n)]);
  const step = make.call(offset, "_?_:_", [part(rest, 0), next, make.ident(offset, accu)]);
  const result = make.call(offset, "_==_", [make.ident(offset, accu), make.constant(offset, 1n)]);
  return fold(macro, make.constant(offset, 0n), make.constant(offset, true), step, result);
}

/** Collects `value` of the items that pass the filter, if there is one. */
function collect(macro: Macro, init: Expr, add: Expr, filter: Expr | undefined): Expr {
  const { make, offset } = macro;
  const step =
    filter === undefined ? add : make.call(offset, "_?_:_", [filter, add, make.ident(offset, accu)]);
  return fold(macro, init, make.constant(offset, true), step, make.ident(offset, accu));
}

function collectList(macro: Macro, value: Expr, filter: Expr | undefined): Expr {
  const { make, offset } = macro;
  const added = make.list(offset, [{ value, optional: false }]);
  const add = make.call(offset, "_+_", [make.ident(offset, accu), added]);
  return collect(macro, make.list(offset, []), add, filter);
}

function expandMap(macro: Macro): Expr {
  const { rest } = macro;
  return rest.length === 2
    ? collectList(macro, part(rest, 1), part(rest, 0))
    : collectList(macro, part(rest, 0), undefined);
}

function expandFilter(macro: Macro): Expr {
  const { make, offset, vars, rest } = macro;
  return collectList(macro, make.ident(offset, vars[0] ?? ""), part(rest, 0));
}

function expandTransformMap(macro: Macro): Expr {
  const { make, offset, vars, rest } = macro;
  const value = part(rest, rest.length - 1);
  const filter = rest.length === 2 ? part(rest, 0) : undefined;
  const key = make.ident(offset, vars[0] ?? "");
  const add = make.call(offset, "cel.@mapInsert", [make.ident(offset, accu), key, value]);
  return collect(macro, make.map(offset, []), add, filter);
}

function expandTransformMapEntry(macro: Macro): Expr {
  const { make, offset, rest } = macro;
  const entry = part(rest, rest.length - 1);
  const filter = rest.length === 2 ? part(rest, 0) : undefined;
  const add = make.call(offset, "cel.@mapInsert", [make.ident(offset, accu), entry]);
  return collect(macro, make.map(offset, []), add, filter);
}

/** `target.optMap(x, expr)`: a loop over nothing binds `x`. */
function expandOptional(macro: Macro, wrap: (value: Expr) => Expr): Expr {
  const { make, offset, target, vars, rest } = macro;
  const name = vars[0] ?? "";
  const value = make.comprehension(
    offset,
    {
      range: make.list(offset, []),
      iterVar: "#unused",
      accuInit: make.call(offset, "value", [], target),
      condition: make.constant(offset, false),
      step: make.ident(offset, name),
      result: part(rest, 0),
    },
    name,
  );
  const none = make.call(offset, "optional.none", []);
  return make.call(offset, "_?_:_", [make.call(offset, "hasValue", [], target), wrap(value), none]);
}

/** `list.sortBy(x, key)`: the list sorted by the keys of its items. */
function expandSortBy(macro: Macro): Expansion {
  const { make, offset, target, rest } = macro;
  if (!["ident", "select", "list", "comprehension", "call"].includes(target.kind)) {
    return {
      offset,
      problem: `sortBy can only be applied to a list, identifier, comprehension, call or select expression`,
    };
  }
  const input = "@__sortBy_input__";
  const keys = collectList({ ...macro, target: make.ident(offset, input) }, part(rest, 0), undefined);
  return make.comprehension(
    offset,
    {
      range: make.list(offset, []),
      iterVar: "#unused",
      accuInit: target,
      condition: make.constant(offset, false),
      step: make.ident(offset, input),
      result: make.call(offset, "@sortByAssociatedKeys", [keys], make.ident(offset, input)),
    },
    input,
  );
}

function oneOrTwoVariables(count: number): number | undefined {
  return count === 2 ? 1 : count === 3 ? 2 : undefined;
}

function twoVariables(count: number): number | undefined {
  return count === 3 || count === 4 ? 2 : undefined;
}

const existsOne: Expander = { variables: oneOrTwoVariables, problem: notSimple, expand: expandExistsOne };

const expanders: Readonly<Record<string, Expander>> = {
  all: { variables: oneOrTwoVariables, problem: notSimple, expand: expandAll },
  exists: { variables: oneOrTwoVariables, problem: notSimple, expand: expandExists },
  exists_one: existsOne,
  existsOne,
  map: {
    variables: (count) => (count === 2 || count === 3 ? 1 : undefined),
    problem: "argument is not an identifier",
    expand: expandMap,
  },
  filter: {
    variables: (count) => (count === 2 ? 1 : undefined),
    problem: "argument is not an identifier",
    expand: expandFilter,
  },
  transformList: { variables: twoVariables, problem: notSimple, expand: expandMap },
  transformMap: { variables: twoVariables, problem: notSimple, expand: expandTransformMap },
  transformMapEntry: { variables: twoVariables, problem: notSimple, expand: expandTransformMapEntry },
  optMap: {
    variables: (count) => (count === 2 ? 1 : undefined),
    problem: "optMap() variable name must be a simple identifier",
    expand: (macro) =>
      expandOptional(macro, (value) => macro.make.call(macro.offset, "optional.of", [value])),
  },
  optFlatMap: {
    variables: (count) => (count === 2 ? 1 : undefined),
    problem: "optFlatMap() variable name must be a simple identifier",
    expand: (macro) => expandOptional(macro, (value) => value),
  },
  sortBy: {
    variables: (count) => (count === 2 ? 1 : undefined),
    problem: "sortBy variable name must be a simple identifier",
    expand: expandSortBy,
  },
};
