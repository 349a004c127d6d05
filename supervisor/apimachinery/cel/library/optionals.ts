/** Values that may be absent (cel-go `cel/library.go`, "OptionalTypes"). */
import { CelError } from "../cel-error.ts";
import { declare, declareOperator, type Library } from "../declarations.ts";
import { dynType, optionalType } from "../types.ts";
import {
  CelDuration,
  CelList,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelUint,
  type CelValue,
  ListValue,
  MapValue,
} from "../values.ts";
import { list } from "./arguments.ts";

function optional(value: CelValue | undefined): CelOptional {
  if (!(value instanceof CelOptional)) throw new CelError("no such overload");
  return value;
}

function contentOf(value: CelValue | undefined): CelValue {
  const content = optional(value).value;
  if (content === undefined) throw new CelError("optional.none() dereference");
  return content;
}

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === "") return true;
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof CelDuration || value instanceof CelTimestamp) return value.nanos === 0n;
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0;
  return value instanceof Uint8Array && value.length === 0;
}

/** Adds to the map that a macro makes: it is nobody else's and grows in place. */
function mapInsert([map, ...added]: readonly CelValue[]): CelValue {
  if (!(map instanceof MapValue)) throw new CelError("no such overload");
  const [first = null, second] = added;
  const pairs: Array<readonly [CelValue, CelValue]> =
    second === undefined && first instanceof CelMap
      ? Array.from(first.keys(), (key) => [key, first.get(key) ?? null] as const)
      : [[first, second ?? null]];
  for (const [key, value] of pairs) {
    if (!map.add(key, value)) throw new CelError(`insert failed: key ${String(key)} already exists`);
  }
  return map;
}

export const optionalsLibrary: Library = {
  typeNames: { optional_type: optionalType(dynType) },
  functions: [
    declareOperator("_?._", ["(dyn, string) -> optional(dyn)"], () => null),
    declareOperator(
      "_[?_]",
      [
        "(list(A), int) -> optional(A)",
        "(optional(list(A)), int) -> optional(A)",
        "(map(A, B), A) -> optional(B)",
        "(optional(map(A, B)), A) -> optional(B)",
      ],
      () => null,
    ),
    declareOperator(
      "_[_]",
      ["(optional(list(A)), int) -> optional(A)", "(optional(map(A, B)), A) -> optional(B)"],
      () => null,
    ),
    declare("optional.of", { "(A) -> optional(A)": ([value]) => new CelOptional(value ?? null) }),
    declare("optional.none", { "() -> optional(A)": () => CelOptional.none }),
    declare("optional.ofNonZeroValue", {
      "(A) -> optional(A)": ([value = null]) => (isZero(value) ? CelOptional.none : new CelOptional(value)),
    }),
    declare("hasValue", { "optional(A).() -> bool": ([value]) => optional(value).value !== undefined }),
    declare("value", { "optional(A).() -> A": ([value]) => contentOf(value) }),
    // The planner makes these two itself.
    declareOperator("or", ["optional(A).(optional(A)) -> optional(A)"], () => null),
    declareOperator("orValue", ["optional(A).(A) -> A"], () => null),
    declare("optional.unwrap", {
      "(list(optional(A))) -> list(A)": ([value]) => unwrapped(list(value)),
    }),
    declare("unwrapOpt", {
      "list(optional(A)).() -> list(A)": ([value]) => unwrapped(list(value)),
    }),
    declareOperator("cel.@mapInsert", ["(map(A, B), map(A, B)) -> map(A, B)"], mapInsert),
    declareOperator("cel.@mapInsert", ["(map(A, B), A, B) -> map(A, B)"], mapInsert),
  ],
};

function unwrapped(values: CelList): ListValue {
  return new ListValue(
    Array.from(values).flatMap((value) =>
      value instanceof CelOptional && value.value !== undefined ? [value.value] : [],
    ),
  );
}
