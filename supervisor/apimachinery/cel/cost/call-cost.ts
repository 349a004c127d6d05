/** What calls cost at most (apiserver `cel/library/cost.go`, cel-go `checker/cost.go`). */
import type { Expr } from "../ast.ts";
import { regexLengthFactor } from "../sizes.ts";
import type { CelType } from "../types.ts";
import {
  addSizes,
  joinSizes,
  multiplySizes,
  plus,
  type SizeRange,
  scaled,
  times,
  unknownSize,
  unlimited,
} from "./cost-size.ts";

/** A part of an expression, as far as sizes go. */
export interface CostNode {
  readonly expr: Expr;
  readonly type: CelType;
  /** Absent where nothing is known. */
  readonly size: SizeRange | undefined;
  /** The size of the items of a list. */
  readonly itemSize: SizeRange | undefined;
}

export interface CallCostEstimate {
  /** Without that of the arguments. */
  readonly cost: number;
  /** Of a text, list or map that comes out. */
  readonly size?: SizeRange;
}

type Estimator = (target: CostNode | undefined, args: readonly CostNode[]) => CallCostEstimate | undefined;

const perCharacter = 0.1;

function sizeOf(node: CostNode | undefined): SizeRange {
  return node?.size ?? unknownSize;
}

function reads(node: CostNode | undefined, factor = 1): number {
  return scaled(sizeOf(node).max, factor * perCharacter);
}

function isText(type: CelType | undefined): boolean {
  return type === undefined || ["string", "bytes", "dyn", "param"].includes(type.kind);
}

const one: Estimator = () => ({ cost: 1 });
const readsArgument: Estimator = (_target, [arg]) => ({ cost: reads(arg) });
const readsTarget: Estimator = (target) => ({ cost: reads(target), size: sizeOf(target) });

const overItems: Estimator = (target, _args) => {
  if (target === undefined) return undefined;
  if (target.type.kind !== "list") return { cost: reads(target) };
  const { element } = target.type;
  const hasTexts = element.kind === "string" || element.kind === "bytes";
  const each = hasTexts ? plus(1, scaled((target.itemSize ?? unknownSize).max, perCharacter)) : 1;
  return { cost: times(sizeOf(target).max, each) };
};

function regexCost(subject: CostNode | undefined, pattern: CostNode | undefined): number {
  const text = scaled(plus(sizeOf(subject).max, 1), perCharacter);
  return times(text, scaled(sizeOf(pattern).max, regexLengthFactor));
}

const finds: Estimator = (target, [pattern]) => ({
  cost: regexCost(target, pattern),
  size: { min: 0, max: sizeOf(target).max },
});

const replaces: Estimator = (target, [part, by]) => {
  const [size, partSize, bySize] = [sizeOf(target), sizeOf(part), sizeOf(by)];
  let count = 0;
  let kept = 0;
  if (partSize.min === 0) {
    count = plus(size.max, 1);
    kept = size.max;
  } else if (bySize.max <= partSize.min) kept = size.max;
  else count = Math.ceil(size.max / partSize.min);
  const max = plus(times(count, bySize.max), kept);
  return { cost: reads(target, 2), size: { min: 0, max } };
};

const splits: Estimator = (target, [, limit]) => {
  const literal = limit?.expr.kind === "const" ? limit.expr.value : undefined;
  const max = typeof literal === "bigint" && literal >= 0n ? Number(literal) : sizeOf(target).max;
  return { cost: reads(target, 2), size: { min: 0, max } };
};

const joins: Estimator = (target, [separator]) => {
  const count = sizeOf(target);
  let size = multiplySizes(count, target?.itemSize ?? unknownSize);
  if (separator !== undefined) {
    const between = { min: Math.max(count.min - 1, 0), max: Math.max(count.max - 1, 0) };
    size = addSizes(size, multiplySizes(sizeOf(separator), between));
  }
  return { cost: scaled(size.max, perCharacter), size };
};

const compares: Estimator = (_target, [left, right]) =>
  isText(left?.type) || isText(right?.type) ? equals(undefined, [left, right].filter(isNode)) : { cost: 1 };

function isNode(node: CostNode | undefined): node is CostNode {
  return node !== undefined;
}

/** Values of libraries' own types are compared at once; a named format by its name. */
function foreignCost(type: CelType | undefined): number | undefined {
  if (type?.kind !== "object" || !/^(?:net|kubernetes)\./.test(type.name)) return undefined;
  return type.name === "kubernetes.NamedFormat" ? 7 : 1;
}

const equals: Estimator = (_target, [left, right]) => {
  const foreign = foreignCost(left?.type);
  if (foreign !== undefined) return { cost: foreign };
  return { cost: scaled(Math.min(sizeOf(left).max, sizeOf(right).max), perCharacter) };
};

const adds: Estimator = (_target, [left, right]) => {
  const size = addSizes(sizeOf(left), sizeOf(right));
  if (left?.type.kind === "list" && right?.type.kind === "list") return { cost: 1, size };
  if (isText(left?.type) && isText(right?.type)) return { cost: scaled(size.max, perCharacter), size };
  return { cost: 1 };
};

const isIn: Estimator = (_target, [, container]) => ({
  cost: container?.type.kind === "map" ? 1 : Math.max(sizeOf(container).max, 1),
});

const convertsText: Estimator = (_target, [arg]) => {
  if (arg?.type.kind !== "bytes") return { cost: 1 };
  const { min, max } = sizeOf(arg);
  return { cost: reads(arg), size: { min: Math.floor(min / 4), max } };
};

const convertsBytes: Estimator = (_target, [arg]) => {
  const { min, max } = sizeOf(arg);
  return { cost: reads(arg), size: { min, max: times(max, 4) } };
};

const validates: Estimator = (_target, [arg]) => ({ cost: scaled(reads(arg), 128 * regexLengthFactor) });

/** Networks have 16 bytes at most; a text must be read too. */
function containsNetwork(passes: number, extra: number): Estimator {
  return (_target, [other]) => {
    const bytes = scaled(32, perCharacter) + (passes === 3 ? scaled(16, perCharacter) : 0) + extra;
    return { cost: plus(bytes, other?.type.kind === "string" ? reads(other) : 0) };
  };
}

function named(names: string, estimator: Estimator): Array<readonly [string, Estimator]> {
  return names.split(" ").map((name) => [name, estimator] as const);
}

const estimators: ReadonlyMap<string, Estimator> = new Map([
  ...named("check", () => ({ cost: 350_000 })),
  ...named("isSorted sum max min indexOf lastIndexOf", overItems),
  ...named("url jsonpatch.escapeKey", (_target, [arg]) => ({ cost: reads(arg), size: sizeOf(arg) })),
  ...named("lowerAscii upperAscii substring trim", readsTarget),
  ...named("cidr isIP isCIDR quantity isQuantity semver isSemver startsWith endsWith", readsArgument),
  ...named("ip", (target, [arg]) => ({ cost: target === undefined ? reads(arg) : 1 })),
  ...named("ip.isCanonical", (_target, [arg]) => ({ cost: reads(arg, 2) })),
  ...named("format", (target) => ({ cost: reads(target) })),
  ...named("strings.quote", (_target, [arg]) => {
    const { min, max } = sizeOf(arg);
    return { cost: reads(arg), size: { min: min + 2, max: plus(times(max, 2), 2) } };
  }),
  ...named("contains", (target, [part]) => ({ cost: times(reads(target), reads(part)) })),
  ...named("find findAll", finds),
  ...named("matches", (target, [pattern]) => ({
    cost: target === undefined ? 1 : regexCost(target, pattern),
  })),
  ...named("replace", replaces),
  ...named("split", splits),
  ...named("join", joins),
  ...named("validate", validates),
  ...named("containsIP", containsNetwork(2, 0)),
  ...named("containsCIDR", containsNetwork(3, 1)),
  ...named("_==_ _!=_", equals),
  ...named("_<_ _<=_ _>_ _>=_", compares),
  ...named("_+_", adds),
  ...named("@in", isIn),
  ...named("string", convertsText),
  ...named("bytes", convertsBytes),
  ...named("sets.contains sets.intersects", (_target, [left, right]) => ({
    cost: plus(1, times(sizeOf(left).max, sizeOf(right).max)),
  })),
  ...named("sets.equivalent", (_target, [left, right]) => ({
    cost: plus(1, times(2, times(sizeOf(left).max, sizeOf(right).max))),
  })),
  ...named("distinct", (target) => ({
    cost: times(sizeOf(target).max, sizeOf(target).max),
    size: sizeOf(target),
  })),
  ...named("reverse sort slice", (target) => ({ cost: plus(10, sizeOf(target).max), size: sizeOf(target) })),
  ...named("flatten", (target) => ({ cost: plus(10, sizeOf(target).max), size: { min: 0, max: unlimited } })),
]);

export function callCost(
  name: string,
  target: CostNode | undefined,
  args: readonly CostNode[],
): CallCostEstimate {
  return estimators.get(name)?.(target, args) ?? one(target, args) ?? { cost: 1 };
}

export function joinedSize(left: CostNode, right: CostNode): SizeRange {
  return joinSizes(sizeOf(left), sizeOf(right));
}
