import type { Frame } from "./frame.ts";
import { parseSignature, type Signature } from "./parse-type.ts";
import type { CelType } from "./types.ts";
import type { CelValue } from "./values.ts";

/** What a call that came to `result` costs. */
export type CallCost = (args: readonly CelValue[], result: CelValue) => number;

export type Implementation = (args: readonly CelValue[], frame: Frame) => CelValue;

export interface Overload extends Signature {
  readonly implementation: Implementation;
  readonly cost: CallCost;
}

/** A function by its name, `sets.contains` or `contains`. */
export interface FunctionDeclaration {
  readonly name: string;
  readonly overloads: readonly Overload[];
  /** All overloads are served by the first one's implementation, which looks at the arguments itself. */
  readonly direct?: boolean;
}

const unitCost: CallCost = () => 1;

/**
 * Declares a function. `overloads` are its signatures in the notation of {@link parseSignature} with what they do; `cost`
 * is that of all of them.
 */
export function declare(
  name: string,
  overloads: Readonly<Record<string, Implementation>>,
  cost: CallCost = unitCost,
): FunctionDeclaration {
  const list = Object.entries(overloads).map(([signature, implementation]) => ({
    ...parseSignature(signature),
    implementation,
    cost,
  }));
  return { name, overloads: list };
}

/** Declares an operator: one implementation for all its signatures, which are given for the checker. */
export function declareOperator(
  name: string,
  signatures: readonly string[],
  implementation: Implementation,
  cost: CallCost = unitCost,
): FunctionDeclaration {
  const overloads = signatures.map((text) => ({ ...parseSignature(text), implementation, cost }));
  return { name, overloads, direct: true };
}

/** Part of an environment: functions, and the types that expressions may name. */
export interface Library {
  readonly functions: readonly FunctionDeclaration[];
  readonly typeNames?: Readonly<Record<string, CelType>>;
}
