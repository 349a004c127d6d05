/** Lists as sets (cel-go `ext/sets.go`). */
import { type CallCost, declare, type Library } from "../declarations.ts";
import { equalValues } from "../equality.ts";
import { costSize } from "../sizes.ts";
import type { CelList, CelValue } from "../values.ts";
import { list } from "./arguments.ts";

function includes(values: CelList, wanted: CelValue): boolean {
  for (const value of values) if (equalValues(value, wanted)) return true;
  return false;
}

function contains(values: CelList, wanted: CelList): boolean {
  return Array.from(wanted).every((value) => includes(values, value));
}

const productCost: CallCost = ([one, other]) => 1 + costSize(one) * costSize(other);

export const setsLibrary: Library = {
  functions: [
    declare(
      "sets.contains",
      { "(list(A), list(A)) -> bool": ([one, other]) => contains(list(one), list(other)) },
      productCost,
    ),
    declare(
      "sets.equivalent",
      {
        "(list(A), list(A)) -> bool": ([one, other]) =>
          contains(list(one), list(other)) && contains(list(other), list(one)),
      },
      (args, result) => 2 * productCost(args, result) - 1,
    ),
    declare(
      "sets.intersects",
      {
        "(list(A), list(A)) -> bool": ([one, other]) =>
          Array.from(list(other)).some((value) => includes(list(one), value)),
      },
      productCost,
    ),
  ],
};
