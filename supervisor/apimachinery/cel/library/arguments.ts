/** The arguments of functions, whose types the overload has made sure of. */
import { CelError } from "../cel-error.ts";
import { type CelForeign, CelList, type CelValue } from "../values.ts";

export function text(value: CelValue | undefined): string {
  if (typeof value !== "string") throw new CelError("no such overload");
  return value;
}

export function list(value: CelValue | undefined): CelList {
  if (!(value instanceof CelList)) throw new CelError("no such overload");
  return value;
}

/** An int as a number: those beyond what a number holds exactly are beyond any list or text too. */
export function integer(value: CelValue | undefined): number {
  if (typeof value !== "bigint") throw new CelError("no such overload");
  return Number(value);
}

/** A value of a library's own class. */
export function foreign<T extends CelForeign>(
  kind: abstract new (...args: never[]) => T,
  value: CelValue | undefined,
): T {
  if (value instanceof kind) return value;
  throw new CelError("no such overload");
}
