/** Something wrong at a place of an expression. */
export interface Issue {
  /** In UTF-16 units from the beginning. */
  readonly offset: number;
  readonly message: string;
}

/** All that is wrong with an expression, in the form that cel-go gives: the place, the line and a mark below. */
export function issuesText(source: string, issues: readonly Issue[]): string {
  return issues
    .toSorted((left, right) => left.offset - right.offset)
    .map((issue) => issueText(source, issue))
    .join("\n");
}

function issueText(source: string, { offset, message }: Issue): string {
  const before = source.slice(0, offset);
  const lineNumber = before.split("\n").length;
  const lineStart = before.lastIndexOf("\n") + 1;
  const column = Array.from(source.slice(lineStart, offset)).length;
  const lineEnd = source.indexOf("\n", lineStart);
  const line = source.slice(lineStart, lineEnd < 0 ? source.length : lineEnd).replaceAll("\t", " ");
  const place = `<input>:${lineNumber}:${column + 1}`;
  return `ERROR: ${place}: ${message}\n | ${line}\n | ${".".repeat(column)}^`;
}
