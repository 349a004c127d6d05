/**
 * Amounts of resources as the API writes them: `250m`, `1.5Gi`, `2e3` (apimachinery `resource.Quantity`). The smallest
 * unit is a billionth; anything finer is rounded up, away from zero, as Kubernetes does.
 */
const pattern = /^([+-]?)(\d+\.?\d*|\.\d+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d{1,3})?$/;

/** {@link parseQuantity} counts in billionths. */
export const nanosPerUnit = 1_000_000_000n;
const nanosPerMilli = 1_000_000n;

const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binaryExponents: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

/** The amount in billionths. Throws a `RangeError` that names a text which is no quantity. */
export function parseQuantity(text: string): bigint {
  const match = pattern.exec(text);
  if (!match) {
    throw new RangeError(
      `Quantity ${JSON.stringify(text)} must be a number with an optional suffix, such as 250m or 1.5Gi`,
    );
  }
  const [, sign = "", digits = "", suffix = ""] = match;
  const [whole = "", fraction = ""] = digits.split(".");
  const mantissa = BigInt(whole + fraction);
  const scale = 9 - fraction.length + decimalExponent(suffix);
  const scaled = mantissa << BigInt(binaryExponents[suffix] ?? 0);
  const nanos = scale >= 0 ? scaled * 10n ** BigInt(scale) : divideUp(scaled, 10n ** BigInt(-scale));
  return sign === "-" ? -nanos : nanos;
}

/** Whole units, rounded up: the bytes of memory (`Quantity.Value`). Throws as {@link parseQuantity}. */
export function quantityValue(text: string): number {
  return Number(divideUp(parseQuantity(text), nanosPerUnit));
}

/** Whether the amount has no fraction of a unit. Throws as {@link parseQuantity}. */
export function isWholeQuantity(text: string): boolean {
  return parseQuantity(text) % nanosPerUnit === 0n;
}

/** Thousandths, rounded up: the millis of CPU (`Quantity.MilliValue`). Throws as {@link parseQuantity}. */
export function quantityMillis(text: string): number {
  return Number(divideUp(parseQuantity(text), nanosPerMilli));
}

function decimalExponent(suffix: string): number {
  if (suffix.length > 1 && /^[eE]/.test(suffix) && suffix !== "Ei") return Number(suffix.slice(1));
  return decimalExponents[suffix] ?? 0;
}

/** Divides and rounds away from zero. */
function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value > 0n ? quotient + 1n : quotient - 1n;
}
