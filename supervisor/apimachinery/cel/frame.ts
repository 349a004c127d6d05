import { CelError, CostLimitError } from "./cel-error.ts";
import type { CelValue } from "./values.ts";

/** The values of the variables that an expression may name. */
export type Bindings = ReadonlyMap<string, CelValue>;

/** Comes to a value, or throws a {@link CelError}. */
export type Evaluate = (frame: Frame) => CelValue;

/** What one evaluation knows: its variables, and what it has cost. */
export class Frame {
  cost = 0;
  /** The variables of comprehensions; an accumulator may hold what went wrong. */
  readonly locals: Array<CelValue | CelError> = [];
  readonly #bindings: Bindings;
  readonly #costLimit: number;

  constructor(bindings: Bindings, costLimit: number) {
    this.#bindings = bindings;
    this.#costLimit = costLimit;
  }

  local(slot: number): CelValue {
    const value = this.locals[slot];
    if (value instanceof CelError) throw value;
    return value ?? null;
  }

  variable(name: string): CelValue {
    const value = this.#bindings.get(name);
    if (value === undefined) throw new CelError(`no such attribute(s): ${name}`);
    return value;
  }

  /** Throws a {@link CostLimitError} where that is too much. */
  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#costLimit) throw new CostLimitError();
  }
}
