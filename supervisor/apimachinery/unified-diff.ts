import { isJsonObject } from "./json/json-value.ts";

/** Beyond this many comparisons two texts are taken to have nothing in common but their ends. */
const maxComparisons = 1_000_000;
const contextLines = 3;

/** A line with what becomes of it: ` ` stays, `-` goes, `+` comes. */
type Edit = readonly [mark: " " | "-" | "+", line: string];

/**
 * What differs between two JSON values, as a unified diff of their texts: `-` before what only the first has, `+` before
 * what only the second has. The empty text where nothing does.
 */
export function jsonDiff(left: unknown, right: unknown): string {
  return hunks(editsOf(linesOf(left), linesOf(right)));
}

/** Fields stand by name, as the order in which clients gave them says nothing. */
function linesOf(value: unknown): readonly string[] {
  const sorted = (_name: string, inner: unknown) =>
    isJsonObject(inner) ? Object.fromEntries(Object.entries(inner).toSorted()) : inner;
  return (JSON.stringify(value, sorted, 1) ?? "null").split("\n");
}

function editsOf(left: readonly string[], right: readonly string[]): readonly Edit[] {
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let end = 0;
  const rest = Math.min(left.length, right.length) - start;
  while (end < rest && left.at(-1 - end) === right.at(-1 - end)) end++;
  const middle = [left.slice(start, left.length - end), right.slice(start, right.length - end)] as const;
  return [
    ...left.slice(0, start).map((line): Edit => [" ", line]),
    ...middleEdits(...middle),
    ...left.slice(left.length - end).map((line): Edit => [" ", line]),
  ];
}

/** The edits by the longest common subsequence. */
function middleEdits(left: readonly string[], right: readonly string[]): readonly Edit[] {
  const width = right.length + 1;
  if (left.length * right.length > maxComparisons) {
    return [...left.map((line): Edit => ["-", line]), ...right.map((line): Edit => ["+", line])];
  }
  const lengths = new Uint32Array((left.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = left.length - 1; row >= 0; row--) {
    for (let column = right.length - 1; column >= 0; column--) {
      const isSame = left[row] === right[column];
      lengths[row * width + column] = isSame
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const edits: Edit[] = [];
  let [row, column] = [0, 0];
  while (row < left.length || column < right.length) {
    const [gone, come] = [left[row], right[column]];
    if (gone !== undefined && gone === come) {
      edits.push([" ", gone]);
      row++;
      column++;
    } else if (gone !== undefined && (come === undefined || at(row + 1, column) >= at(row, column + 1))) {
      edits.push(["-", gone]);
      row++;
    } else if (come !== undefined) {
      edits.push(["+", come]);
      column++;
    }
  }
  return edits;
}

/** Changes with the lines around them, each hunk after its places in both texts. */
function hunks(edits: readonly Edit[]): string {
  let text = "";
  for (let first = 0; first < edits.length; ) {
    const changed = edits.findIndex(([mark], index) => index >= first && mark !== " ");
    if (changed < 0) break;
    let last = changed;
    for (let index = changed; index < edits.length && index - last <= 2 * contextLines; index++) {
      if (edits[index]?.[0] !== " ") last = index;
    }
    const from = Math.max(first, changed - contextLines);
    const to = Math.min(edits.length, last + contextLines + 1);
    text += hunk(edits, from, to);
    first = to;
  }
  return text;
}

function hunk(edits: readonly Edit[], from: number, to: number): string {
  const place = (other: "-" | "+"): string => {
    const before = edits.slice(0, from).filter(([mark]) => mark !== other).length;
    const count = edits.slice(from, to).filter(([mark]) => mark !== other).length;
    return count === 1 ? `${before + 1}` : `${count === 0 ? before : before + 1},${count}`;
  };
  const lines = edits.slice(from, to).map(([mark, line]) => `${mark}${line}\n`);
  return `@@ -${place("+")} +${place("-")} @@\n${lines.join("")}`;
}
