/** The one form in which the API gives a quantity back (apimachinery `Quantity.String`): `0.5` is `500m`. */
import { nanosPerUnit, parseQuantity } from "./quantity.ts";

const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const decimalSuffixes: ReadonlyMap<number, string> = new Map([
  [-9, "n"],
  [-6, "u"],
  [-3, "m"],
  [0, ""],
  [3, "k"],
  [6, "M"],
  [9, "G"],
  [12, "T"],
  [15, "P"],
  [18, "E"],
]);

const known = new Map<string, string>();
const maxKnown = 4096;

/** Throws a `RangeError` for a text that is no quantity. */
export function canonicalQuantity(text: string): string {
  const cached = known.get(text);
  if (cached !== undefined) return cached;
  const canonical = format(text);
  if (known.size >= maxKnown) known.clear();
  known.set(text, canonical);
  return canonical;
}

function format(text: string): string {
  return formatQuantity(parseQuantity(text), text);
}

/** An amount in billionths as a text, with suffixes of the kind that `like` has: binary, decimal or exponents. */
export function formatQuantity(nanos: bigint, like: string): string {
  if (nanos === 0n) return "0";
  const magnitude = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? "-" : "";
  if (/[KMGTPE]i$/.test(like) && magnitude >= 1024n * nanosPerUnit) return sign + binary(magnitude);
  return sign + decimal(magnitude, /[eE][+-]?\d+$/.test(like));
}

function binary(magnitude: bigint): string {
  let value = (magnitude + nanosPerUnit - 1n) / nanosPerUnit;
  let steps = 0;
  for (; value % 1024n === 0n && steps < binarySuffixes.length - 1; steps++) value /= 1024n;
  return `${value}${binarySuffixes[steps] ?? ""}`;
}

function decimal(magnitude: bigint, withExponent: boolean): string {
  let value = magnitude;
  let exponent = -9;
  for (; value % 1000n === 0n && exponent < 18; exponent += 3) value /= 1000n;
  if (withExponent) return exponent === 0 ? `${value}` : `${value}e${exponent}`;
  return `${value}${decimalSuffixes.get(exponent) ?? ""}`;
}
