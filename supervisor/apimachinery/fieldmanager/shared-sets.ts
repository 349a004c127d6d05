import type { JsonValue } from "../json/json-value.ts";
import type { FieldSet } from "./field-set.ts";
import type { MergeList, MergeMap } from "./merge-type.ts";

/** What a set is made of: values of one form have one set. */
export interface Form {
  /** Whether the path to the value is in the set itself. */
  readonly isMember: boolean;
  /** The names of fields; or what tells the items of a list apart, one after another. */
  readonly names: ReadonlyArray<JsonValue | undefined>;
  /** What is below each of them. */
  readonly nodes: readonly FieldSet[];
}

interface KnownSet {
  readonly form: Form;
  readonly set: FieldSet | undefined;
}

const setsPerType = 8;

const setsOfTypes = new WeakMap<MergeMap | MergeList, KnownSet[]>();

/**
 * The set of a form: the one that was made for it before, where it is among the last few of its type. Objects are made
 * alike by the thousand, and a form is compared without making a text.
 */
export function sharedSet(
  type: MergeMap | MergeList,
  form: Form,
  make: () => FieldSet | undefined,
): FieldSet | undefined {
  let sets = setsOfTypes.get(type);
  if (sets === undefined) {
    sets = [];
    setsOfTypes.set(type, sets);
  }
  for (let index = 0; index < sets.length; index++) {
    const known = sets[index];
    if (known === undefined || !isSameForm(known.form, form)) continue;
    moveUp(sets, index);
    return known.set;
  }
  const set = make();
  // Many objects will have it: who changes one must not change all.
  if (set !== undefined) Object.freeze(set);
  if (sets.length === setsPerType) sets.pop();
  sets.push({ form, set });
  return set;
}

/** What comes again and again gets to the front, what comes once stays at the end and goes first. */
function moveUp(sets: KnownSet[], index: number): void {
  const [known, before] = [sets[index], sets[index - 1]];
  if (known === undefined || before === undefined) return;
  sets[index - 1] = known;
  sets[index] = before;
}

function isSameForm(left: Form, right: Form): boolean {
  return (
    left.isMember === right.isMember &&
    isSameList(left.names, right.names) &&
    isSameList(left.nodes, right.nodes)
  );
}

function isSameList(left: readonly unknown[], right: readonly unknown[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}
