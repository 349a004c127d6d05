/**
 * Walks a JSON text slowly and exactly, for what `JSON.parse` does not tell: which fields were given twice, and what
 * is wrong with a broken text in the words of Go's `encoding/json`, which clients of the API know.
 */

/** A text that is no JSON, in the words of Go's decoder. */
class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
}

/** Deeper texts are refused, as Go's decoder does. */
const maxDepth = 10_000;

class Scanner {
  readonly duplicates = new Set<string>();
  /** What a strict decoder says, in the text's order. */
  readonly complaints = new Set<string>();
  readonly #text: string;
  readonly #unknown: ReadonlySet<string>;
  #index = 0;
  /** How many unknown fields the value at hand lies within: nothing more is told of it. */
  #unknownDepth = 0;

  constructor(text: string, unknownFields: readonly string[] = []) {
    this.#text = text;
    this.#unknown = new Set(unknownFields);
  }

  scan(): void {
    this.#value("", 0);
    this.#space();
    if (this.#index < this.#text.length) throw this.#unexpected("after top-level value");
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#index] ?? "x")) this.#index++;
  }

  /** The error for the character at hand. */
  #unexpected(context: string): JsonSyntaxError {
    const character = this.#text[this.#index];
    if (character === undefined) return new JsonSyntaxError("unexpected end of JSON input");
    const shown = character === "'" ? "'\\''" : `'${JSON.stringify(character).slice(1, -1)}'`;
    return new JsonSyntaxError(`invalid character ${character === '"' ? `'"'` : shown} ${context}`);
  }

  #value(path: string, depth: number): void {
    if (depth > maxDepth) throw new JsonSyntaxError("exceeded max depth");
    this.#space();
    const character = this.#text[this.#index];
    if (character === "{") this.#object(path, depth);
    else if (character === "[") this.#array(path, depth);
    else if (character === '"') this.#string();
    else if (character === "t") this.#literal("true");
    else if (character === "f") this.#literal("false");
    else if (character === "n") this.#literal("null");
    else this.#number();
  }

  #object(path: string, depth: number): void {
    const seen = new Set<string>();
    this.#index++;
    this.#space();
    if (this.#take("}")) return;
    for (;;) {
      this.#space();
      if (this.#text[this.#index] !== '"')
        throw this.#unexpected("looking for beginning of object key string");
      const key = this.#string();
      const field = path === "" ? key : `${path}.${key}`;
      const isUnknown = this.#unknown.has(field);
      if (this.#unknownDepth === 0) this.#complain(field, isUnknown, seen.has(key));
      seen.add(key);
      this.#space();
      if (!this.#take(":")) throw this.#unexpected("after object key");
      if (isUnknown) this.#unknownDepth++;
      this.#value(field, depth + 1);
      if (isUnknown) this.#unknownDepth--;
      this.#space();
      if (this.#take("}")) return;
      if (!this.#take(",")) throw this.#unexpected("after object key:value pair");
    }
  }

  #complain(field: string, isUnknown: boolean, isSeen: boolean): void {
    if (isUnknown) this.complaints.add(`unknown field ${JSON.stringify(field)}`);
    else if (isSeen) {
      this.complaints.add(`duplicate field ${JSON.stringify(field)}`);
      this.duplicates.add(field);
    }
  }

  #array(path: string, depth: number): void {
    this.#index++;
    this.#space();
    if (this.#take("]")) return;
    for (let item = 0; ; item++) {
      this.#value(`${path}[${item}]`, depth + 1);
      this.#space();
      if (this.#take("]")) return;
      if (!this.#take(",")) throw this.#unexpected("after array element");
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#index] !== character) return false;
    this.#index++;
    return true;
  }

  #string(): string {
    const start = this.#index++;
    for (;;) {
      const character = this.#text[this.#index];
      if (character === undefined || character < " ") throw this.#unexpected("in string literal");
      this.#index++;
      if (character === '"') break;
      if (character === "\\") this.#escape();
    }
    return String(JSON.parse(this.#text.slice(start, this.#index)));
  }

  #escape(): void {
    const character = this.#text[this.#index] ?? "";
    if (character === "" || !'"\\/bfnrtu'.includes(character))
      throw this.#unexpected("in string escape code");
    this.#index++;
    for (let digit = 0; character === "u" && digit < 4; digit++) {
      if (!/[0-9a-fA-F]/.test(this.#text[this.#index] ?? "")) {
        throw this.#unexpected("in \\u hexadecimal character escape");
      }
      this.#index++;
    }
  }

  #literal(word: string): void {
    for (let letter = 0; letter < word.length; letter++, this.#index++) {
      if (this.#text[this.#index] !== word[letter]) {
        throw this.#unexpected(`in literal ${word} (expecting '${word[letter]}')`);
      }
    }
  }

  #number(): void {
    const match = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(
      this.#text.slice(this.#index, this.#index + 512),
    );
    if (match) this.#index += match[0].length;
    else if (this.#take("-")) throw this.#unexpected("in numeric literal");
    else throw this.#unexpected("looking for beginning of value");
  }
}

/** The paths of fields given more than once, `spec.containers[0].name`. Throws an error in the words of Go's decoder. */
export function duplicateFields(text: string): readonly string[] {
  const scanner = new Scanner(text);
  scanner.scan();
  return [...scanner.duplicates];
}

/**
 * What a strict decoder says of a text with these unknown fields: they and the duplicate ones, in the text's order, each
 * once. Throws an error in the words of Go's decoder.
 */
export function strictComplaints(text: string, unknownFields: readonly string[]): readonly string[] {
  const scanner = new Scanner(text, unknownFields);
  scanner.scan();
  return [...scanner.complaints];
}

/** What is wrong with a text that `JSON.parse` refused. */
export function describeSyntaxError(text: string): string {
  try {
    duplicateFields(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
  return "invalid JSON";
}
