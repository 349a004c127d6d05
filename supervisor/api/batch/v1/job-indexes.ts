/** Numbers of a Job's Pods as its status writes them: `1,3-5,7`. */

/** The text is no such list. The message is upstream's. */
export class IndexesError extends Error {
  override readonly name = "IndexesError";
}

type Interval = readonly [first: number, last: number];

function parseIndex(text: string, completions: number): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new IndexesError(`cannot convert string to integer for index: ${JSON.stringify(text)}`);
  }
  const index = Number(text);
  if (index >= completions) {
    throw new IndexesError(`too large index: ${JSON.stringify(text)}`);
  }
  return index;
}

/** The intervals of a list, in their order. Throws an {@link IndexesError}. */
export function parseIndexes(text: string, completions: number): readonly Interval[] {
  if (text === "") return [];
  let last: number | undefined;
  return text.split(",").map((part) => {
    const limits = part.split("-");
    if (limits.length > 2) {
      throw new IndexesError(
        `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`,
      );
    }
    const [first = 0, end = first] = limits.map((limit) => parseIndex(limit, completions));
    if (last !== undefined && first <= last) {
      throw new IndexesError(`non-increasing order, previous: ${last}, current: ${first}`);
    }
    if (limits.length === 2 && end <= first) {
      throw new IndexesError(`non-increasing order, previous: ${first}, current: ${end}`);
    }
    last = end;
    return [first, end] as const;
  });
}
