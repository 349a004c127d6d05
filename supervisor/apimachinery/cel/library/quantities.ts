/** Amounts of resources (apiserver `cel/library/quantity.go`). */
import { nanosPerUnit, parseQuantity } from "../../quantity.ts";
import { CelError } from "../cel-error.ts";
import { declare, type Implementation, type Library } from "../declarations.ts";
import { readsFirst } from "../sizes.ts";
import { objectType } from "../types.ts";
import { CelForeign, type CelValue } from "../values.ts";
import { foreign, text } from "./arguments.ts";

const type = "kubernetes.Quantity";
const syntaxMessage =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

class QuantityValue extends CelForeign {
  readonly typeName = type;
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }

  equals(other: CelForeign): boolean {
    return other instanceof QuantityValue && other.nanos === this.nanos;
  }

  /** Undefined for what is no int. */
  get integer(): bigint | undefined {
    if (this.nanos % nanosPerUnit !== 0n) return undefined;
    const value = this.nanos / nanosPerUnit;
    return BigInt.asIntN(64, value) === value ? value : undefined;
  }
}

function parsed(value: CelValue | undefined): QuantityValue | undefined {
  try {
    return new QuantityValue(parseQuantity(text(value)));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function nanos(value: CelValue | undefined): bigint {
  if (typeof value === "bigint") return value * nanosPerUnit;
  return foreign(QuantityValue, value).nanos;
}

function compare(left: CelValue | undefined, right: CelValue | undefined): bigint {
  const difference = nanos(left) - nanos(right);
  return difference < 0n ? -1n : difference > 0n ? 1n : 0n;
}

const sum: Implementation = ([left, right]) => new QuantityValue(nanos(left) + nanos(right));
const difference: Implementation = ([left, right]) => new QuantityValue(nanos(left) - nanos(right));

export const quantitiesLibrary: Library = {
  typeNames: { [type]: objectType(type) },
  functions: [
    declare(
      "quantity",
      {
        [`(string) -> ${type}`]: ([value]) => {
          const quantity = parsed(value);
          if (quantity === undefined) throw new CelError(syntaxMessage);
          return quantity;
        },
      },
      readsFirst,
    ),
    declare("isQuantity", { "(string) -> bool": ([value]) => parsed(value) !== undefined }, readsFirst),
    declare("sign", { [`(${type}) -> int`]: ([value]) => compare(value, 0n) }),
    declare("isInteger", {
      [`${type}.() -> bool`]: ([value]) => foreign(QuantityValue, value).integer !== undefined,
    }),
    declare("asInteger", {
      [`${type}.() -> int`]: ([value]) => {
        const { integer } = foreign(QuantityValue, value);
        if (integer === undefined) throw new CelError("cannot convert value to integer");
        return integer;
      },
    }),
    declare("asApproximateFloat", {
      [`${type}.() -> double`]: ([value]) => Number(nanos(value)) / Number(nanosPerUnit),
    }),
    declare("add", { [`${type}.(${type}) -> ${type}`]: sum, [`${type}.(int) -> ${type}`]: sum }),
    declare("sub", {
      [`${type}.(${type}) -> ${type}`]: difference,
      [`${type}.(int) -> ${type}`]: difference,
    }),
    declare("isGreaterThan", {
      [`${type}.(${type}) -> bool`]: ([left, right]) => compare(left, right) === 1n,
    }),
    declare("isLessThan", {
      [`${type}.(${type}) -> bool`]: ([left, right]) => compare(left, right) === -1n,
    }),
    declare("compareTo", { [`${type}.(${type}) -> int`]: ([left, right]) => compare(left, right) }),
  ],
};
