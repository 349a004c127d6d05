import { CelUint } from "./values.ts";

const maxInt = 2n ** 63n - 1n;
const minInt = -(2n ** 63n);
const maxUint = 2n ** 64n - 1n;

/** The value of a number's literal, or what is wrong with it. */
export function parseNumber(text: string): bigint | number | CelUint | { readonly problem: string } {
  const isHex = /^-?0[xX]/.test(text);
  if (!isHex && /[.eE]/.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : { problem: "invalid double literal" };
  }
  const isUint = /[uU]$/.test(text);
  const digits = text.replace(/^-/, "").replace(/[uU]$/, "");
  const magnitude = BigInt(digits);
  const value = text.startsWith("-") ? -magnitude : magnitude;
  if (isUint) return value < 0n || value > maxUint ? { problem: "invalid uint literal" } : new CelUint(value);
  return value < minInt || value > maxInt ? { problem: "invalid int literal" } : value;
}
