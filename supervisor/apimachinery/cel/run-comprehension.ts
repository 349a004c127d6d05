import { CelError } from "./cel-error.ts";
import type { Evaluate, Frame } from "./frame.ts";
import { CelList, CelMap, type CelValue } from "./values.ts";

export interface Loop {
  readonly range: Evaluate;
  readonly init: Evaluate;
  readonly condition: Evaluate;
  readonly step: Evaluate;
  readonly accuSlot: number;
  readonly slot: number;
  /** Of the value beside the index or key. */
  readonly slot2: number | undefined;
}

/**
 * Leaves the accumulated value in its slot, or the error that a step ended with: a later item may decide `all` or
 * `exists` all the same.
 */
export function runComprehension(loop: Loop, frame: Frame): void {
  const range = loop.range(frame);
  frame.locals[loop.accuSlot] = loop.init(frame);
  if (range instanceof CelList) {
    for (let index = 0; index < range.size; index++) {
      const at = BigInt(index);
      if (!turn(loop, frame, loop.slot2 === undefined ? range.at(index) : at, () => range.at(index))) return;
    }
    return;
  }
  if (!(range instanceof CelMap)) throw new CelError("no such overload");
  for (const key of range.keys()) {
    if (!turn(loop, frame, key, () => range.get(key) ?? null)) return;
  }
}

/** False where the loop is at its end. */
function turn(loop: Loop, frame: Frame, first: CelValue, second: () => CelValue): boolean {
  const { locals } = frame;
  locals[loop.slot] = first;
  if (loop.slot2 !== undefined) locals[loop.slot2] = second();
  if (loop.condition(frame) !== true) return false;
  try {
    locals[loop.accuSlot] = loop.step(frame);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    locals[loop.accuSlot] = error;
  }
  return true;
}
