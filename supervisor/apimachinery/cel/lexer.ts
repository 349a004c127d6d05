import type { Issue } from "./source-error.ts";
import { readStringLiteral } from "./string-literal.ts";
import type { CelValue } from "./values.ts";

type TokenKind = "ident" | "number" | "string" | "punctuation" | "end";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly offset: number;
  /** Of strings and bytes. */
  readonly value?: CelValue;
}

const skipped = /(?:[\t\n\f\r ]+|\/\/[^\n]*)+/y;
const number = /0[xX][0-9a-fA-F]+[uU]?|(?:\d+\.\d+|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?|\d+[uU]?/y;
const stringStart = /(?:[bB][rR]?|[rR][bB]?)?(?:"""|'''|"|')/y;
const identifier = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const quotedIdentifier = /`([a-zA-Z0-9_./ -]+)`/y;
const punctuation = /&&|\|\||==|!=|<=|>=|[<>[\](){}.,\-!?:+*/%]/y;

/** The tokens of an expression; what is none is an issue and left out. */
export class Lexer {
  readonly issues: Issue[] = [];
  readonly #source: string;
  #offset = 0;

  constructor(source: string) {
    this.#source = source;
  }

  tokens(): Token[] {
    const tokens: Token[] = [];
    for (;;) {
      this.#match(skipped);
      if (this.#offset >= this.#source.length) break;
      const token = this.#next();
      if (token !== undefined) tokens.push(token);
    }
    return [...tokens, { kind: "end", text: "<EOF>", offset: this.#source.length }];
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const match = pattern.exec(this.#source);
    if (match === null) return undefined;
    this.#offset += match[0].length;
    return match[0];
  }

  #next(): Token | undefined {
    const offset = this.#offset;
    const opening = this.#match(stringStart);
    if (opening !== undefined) return this.#string(opening, offset);
    const digits = this.#match(number);
    if (digits !== undefined) return { kind: "number", text: digits, offset };
    const name = this.#match(identifier);
    if (name !== undefined) return { kind: "ident", text: name, offset };
    const quoted = this.#match(quotedIdentifier);
    if (quoted !== undefined) return { kind: "ident", text: quoted, offset };
    const mark = this.#match(punctuation);
    if (mark !== undefined) return { kind: "punctuation", text: mark, offset };
    const character = String.fromCodePoint(this.#source.codePointAt(offset) ?? 0);
    this.#offset += character.length;
    this.#unrecognized(offset, character);
    return undefined;
  }

  #string(opening: string, offset: number): Token | undefined {
    const literal = readStringLiteral(this.#source, this.#offset, opening);
    this.#offset = literal.end;
    const text = this.#source.slice(offset, literal.end);
    if ("problem" in literal) {
      if (literal.problem === "unterminated") this.#unrecognized(offset, text);
      else this.issues.push({ offset, message: literal.problem });
      return undefined;
    }
    return { kind: "string", text, offset, value: literal.value };
  }

  #unrecognized(offset: number, text: string): void {
    this.issues.push({ offset, message: `Syntax error: token recognition error at: '${text}'` });
  }
}
