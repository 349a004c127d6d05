/** One media type of an Accept header with its parameters, the quality left out. */
export interface AcceptClause {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
}

interface RankedClause extends AcceptClause {
  readonly quality: number;
}

function parseClause(text: string): RankedClause | undefined {
  const [range = "", ...rest] = text.split(";").map((part) => part.trim());
  const [type = "", subtype = ""] = range.split("/");
  if (type === "" || subtype === "") return range === "*" ? parseClause("*/*") : undefined;
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const parameter of rest) {
    const [name = "", value = ""] = parameter.split("=", 2).map((part) => part.trim());
    if (name === "q") quality = Number(value) || 0;
    else parameters.set(name, value.replace(/^"(.*)"$/, "$1"));
  }
  return { type, subtype, parameters, quality };
}

function wildcards({ type, subtype }: AcceptClause): number {
  return Number(type === "*") + Number(subtype === "*");
}

/** What a client accepts, best first: by quality, then the definite before the wild, then in its own order. */
export function acceptClauses(accept: string): readonly AcceptClause[] {
  return accept
    .split(",")
    .flatMap((text) => parseClause(text) ?? [])
    .toSorted((left, right) => right.quality - left.quality || wildcards(left) - wildcards(right));
}
