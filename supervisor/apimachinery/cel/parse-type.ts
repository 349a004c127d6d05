import { type CelType, listType, mapType, objectType, optionalType, type PrimitiveKind } from "./types.ts";

const primitives: ReadonlySet<string> = new Set<PrimitiveKind>([
  "dyn",
  "error",
  "null",
  "bool",
  "int",
  "uint",
  "double",
  "string",
  "bytes",
  "timestamp",
  "duration",
]);

function isPrimitive(text: string): text is PrimitiveKind {
  return primitives.has(text);
}

/** The parts between commas that stand in no parentheses. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === "" ? parts : [...parts, last];
}

/** Reads the notation of our declarations: `map(string, list(A))`; a single capital is a type parameter. */
function parseType(text: string): CelType {
  const open = text.indexOf("(");
  if (open < 0) {
    if (isPrimitive(text)) return { kind: text };
    return /^[A-Z]$/.test(text) ? { kind: "param", name: text } : objectType(text);
  }
  const name = text.slice(0, open);
  const [first = "dyn", second = "dyn"] = splitTop(text.slice(open + 1, -1));
  if (name === "list") return listType(parseType(first));
  if (name === "map") return mapType(parseType(first), parseType(second));
  if (name === "optional") return optionalType(parseType(first));
  return { kind: "type", of: parseType(first) };
}

export interface Signature {
  readonly member: boolean;
  /** The receiver first, where there is one. */
  readonly params: readonly CelType[];
  readonly result: CelType;
  /** Whether it has type parameters. */
  readonly isGeneric: boolean;
}

/** Reads `string.(int, int) -> string` or, without receiver, `(string) -> bool`. */
export function parseSignature(text: string): Signature {
  const [left = "", result = "dyn"] = text.split(" -> ");
  const member = !left.startsWith("(");
  const split = member ? left.indexOf(".(") : 0;
  const receiver = member ? [parseType(left.slice(0, split))] : [];
  const inner = left.slice(member ? split + 2 : 1, -1);
  return {
    member,
    params: [...receiver, ...splitTop(inner).map(parseType)],
    result: parseType(result),
    isGeneric: /\b[A-Z]\b/.test(text),
  };
}
