/** The literals of strings and bytes (cel-spec, "String and Bytes Values"). */

type Literal =
  | { readonly end: number; readonly value: string | Uint8Array }
  | { readonly end: number; readonly problem: string };

const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "?": "?",
  '"': '"',
  "'": "'",
  "`": "`",
};

const escapePattern =
  /\\(?:x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([abfnrtv\\?"'`]))/y;
const encoder = new TextEncoder();

/** Reads a literal whose `opening`, prefix and quotes, ends at `start`. */
export function readStringLiteral(source: string, start: number, opening: string): Literal {
  const prefix = opening.replace(/["']+$/, "").toLowerCase();
  const quote = opening.slice(prefix.length);
  const raw = prefix.includes("r");
  const end = closingQuote(source, start, quote, raw);
  if (end === undefined) return { end: unterminatedEnd(source, start, quote), problem: "unterminated" };
  const text = source.slice(start, end).replace(/\r\n?/g, "\n");
  const isBytes = prefix.includes("b");
  const value = raw ? (isBytes ? encoder.encode(text) : text) : unescaped(text, isBytes);
  const after = end + quote.length;
  return value === undefined
    ? { end: after, problem: "Syntax error: unable to unescape string" }
    : { end: after, value };
}

function closingQuote(source: string, start: number, quote: string, raw: boolean): number | undefined {
  for (let index = start; index < source.length; index++) {
    if (source.startsWith(quote, index)) return index;
    const character = source[index];
    if (quote.length === 1 && (character === "\n" || character === "\r")) return undefined;
    if (character === "\\" && !raw) index++;
  }
  return undefined;
}

function unterminatedEnd(source: string, start: number, quote: string): number {
  const line = quote.length === 1 ? source.indexOf("\n", start) : -1;
  return line < 0 ? source.length : line;
}

/** Undefined for an escape that there is not. */
function unescaped(text: string, isBytes: boolean): string | Uint8Array | undefined {
  if (!text.includes("\\")) return isBytes ? encoder.encode(text) : text;
  const bytes: number[] = [];
  let result = "";
  for (let index = 0; index < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
    if (character !== "\\") {
      index += character.length;
      result += character;
      if (isBytes) bytes.push(...encoder.encode(character));
      continue;
    }
    escapePattern.lastIndex = index;
    const match = escapePattern.exec(text);
    if (match === null) return undefined;
    index += match[0].length;
    const [, x, upperX, u, upperU, octal, simple] = match;
    if (simple !== undefined) {
      const escaped = simpleEscapes[simple] ?? "";
      result += escaped;
      bytes.push(...encoder.encode(escaped));
      continue;
    }
    const unicode = u ?? upperU;
    const code = Number.parseInt(x ?? upperX ?? unicode ?? octal ?? "", octal === undefined ? 16 : 8);
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || (isBytes && unicode !== undefined)) {
      return undefined;
    }
    result += String.fromCodePoint(code);
    bytes.push(code);
  }
  return isBytes ? Uint8Array.from(bytes) : result;
}
