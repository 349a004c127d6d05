import type { CallNode, Expr, IdentNode, StructField } from "./ast.ts";
import { Lexer, type Token } from "./lexer.ts";
import { expandMacro } from "./macros.ts";
import { NodeFactory } from "./node-factory.ts";
import { parseNumber } from "./parse-number.ts";
import type { Issue } from "./source-error.ts";
import type { CelValue } from "./values.ts";

/** Deeper expressions are refused, as cel-go does. */
const maxDepth = 250;
const maxCodePoints = 100_000;

const operandStart =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

const binaryLevels: ReadonlyArray<Readonly<Record<string, string>>> = [
  { "||": "_||_" },
  { "&&": "_&&_" },
  { "<": "_<_", "<=": "_<=_", ">": "_>_", ">=": "_>=_", "==": "_==_", "!=": "_!=_", in: "@in" },
  { "+": "_+_", "-": "_-_" },
  { "*": "_*_", "/": "_/_", "%": "_%_" },
];

const reserved: ReadonlySet<string> = new Set(
  "as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

const keywords: ReadonlyMap<string, CelValue> = new Map<string, CelValue>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** Nothing sensible can be made of what follows. */
class SyntaxFault extends Error {
  override readonly name = "SyntaxFault";
}

export interface Parsed {
  readonly expr?: Expr;
  readonly issues: readonly Issue[];
}

/** Reads an expression and expands its macros. */
export function parseExpression(source: string): Parsed {
  if (source.length > maxCodePoints && Array.from(source).length > maxCodePoints) {
    const size = Array.from(source).length;
    const message = `expression code point size exceeds limit: size: ${size}, limit ${maxCodePoints}`;
    return { issues: [{ offset: 0, message }] };
  }
  const lexer = new Lexer(source);
  const parser = new Parser(lexer.tokens());
  const expr = parser.parse();
  const issues = [...lexer.issues, ...parser.issues];
  return expr === undefined || issues.length > 0 ? { issues } : { expr, issues };
}

class Parser {
  readonly issues: Issue[] = [];
  readonly #tokens: readonly Token[];
  readonly #make = new NodeFactory();
  #index = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Expr | undefined {
    try {
      const expr = this.#expression();
      if (this.#token.kind !== "end") throw this.#unexpected("<EOF>");
      return expr;
    } catch (error) {
      if (error instanceof SyntaxFault) return undefined;
      throw error;
    }
  }

  get #token(): Token {
    const token = this.#tokens[this.#index];
    if (token === undefined) throw new RangeError("The tokens have no end");
    return token;
  }

  #fault(offset: number, message: string): SyntaxFault {
    this.issues.push({ offset, message });
    return new SyntaxFault(message);
  }

  #unexpected(expecting: string): SyntaxFault {
    const { text, offset } = this.#token;
    const kind = expecting === "<EOF>" ? "extraneous" : "mismatched";
    return this.#fault(offset, `Syntax error: ${kind} input '${text}' expecting ${expecting}`);
  }

  #isAt(text: string): boolean {
    const { kind } = this.#token;
    return this.#token.text === text && (kind === "punctuation" || kind === "ident");
  }

  #take(text: string): Token | undefined {
    if (!this.#isAt(text)) return undefined;
    const token = this.#token;
    this.#index++;
    return token;
  }

  #expect(text: string): Token {
    const token = this.#take(text);
    if (token === undefined) throw this.#unexpected(`'${text}'`);
    return token;
  }

  /** Runs `read` one level deeper. */
  #nested<T>(read: () => T): T {
    if (++this.#depth > maxDepth) {
      throw this.#fault(this.#token.offset, `expression recursion limit exceeded: ${maxDepth}`);
    }
    try {
      return read();
    } finally {
      this.#depth--;
    }
  }

  #expression(): Expr {
    return this.#nested(() => {
      const condition = this.#binary(0);
      const mark = this.#take("?");
      if (mark === undefined) return condition;
      const truthy = this.#binary(0);
      this.#expect(":");
      const falsy = this.#expression();
      return this.#make.call(mark.offset, "_?_:_", [condition, truthy, falsy]);
    });
  }

  #binary(level: number): Expr {
    const operators = binaryLevels[level];
    if (operators === undefined) return this.#unary();
    const operands = [this.#binary(level + 1)];
    const marks: Token[] = [];
    for (;;) {
      const { kind, text } = this.#token;
      const isOperator = (kind === "punctuation" || kind === "ident") && Object.hasOwn(operators, text);
      if (!isOperator) break;
      marks.push(this.#token);
      this.#index++;
      operands.push(this.#binary(level + 1));
    }
    return level < 2
      ? this.#balanced(operators, operands, marks)
      : this.#leftDeep(operators, operands, marks);
  }

  #leftDeep(operators: Readonly<Record<string, string>>, operands: Expr[], marks: Token[]): Expr {
    let [left] = operands;
    for (const [index, mark] of marks.entries()) {
      const right = operands[index + 1];
      if (left === undefined || right === undefined) break;
      left = this.#make.call(mark.offset, operators[mark.text] ?? "", [left, right]);
    }
    if (left === undefined) throw new RangeError("An operator has no operand");
    // A chain is as deep as it is long: what walks it recurses.
    if (marks.length > maxDepth) {
      throw this.#fault(this.#token.offset, `expression recursion limit exceeded: ${maxDepth}`);
    }
    return left;
  }

  /** Long chains of `&&` and `||` become flat trees. */
  #balanced(operators: Readonly<Record<string, string>>, operands: Expr[], marks: Token[]): Expr {
    if (marks.length < 3) return this.#leftDeep(operators, operands, marks);
    const middle = Math.floor(marks.length / 2);
    const mark = marks[middle];
    if (mark === undefined) throw new RangeError("An operator has no place");
    const left = this.#balanced(operators, operands.slice(0, middle + 1), marks.slice(0, middle));
    const right = this.#balanced(operators, operands.slice(middle + 1), marks.slice(middle + 1));
    return this.#make.call(mark.offset, operators[mark.text] ?? "", [left, right]);
  }

  #unary(): Expr {
    for (const [text, name] of [
      ["!", "!_"],
      ["-", "-_"],
    ] as const) {
      if (!this.#isAt(text)) continue;
      const next = this.#tokens[this.#index + 1];
      if (text === "-" && next?.kind === "number") return this.#member(this.#negativeNumber());
      const marks: Token[] = [];
      for (let mark = this.#take(text); mark !== undefined; mark = this.#take(text)) marks.push(mark);
      const operand = this.#nested(() => this.#member(this.#primary()));
      const [first] = marks;
      return marks.length % 2 === 0 || first === undefined
        ? operand
        : this.#make.call(first.offset, name, [operand]);
    }
    return this.#member(this.#primary());
  }

  #negativeNumber(): Expr {
    const { offset } = this.#expect("-");
    return this.#number(offset, "-");
  }

  #number(offset: number, sign: string): Expr {
    const { text } = this.#token;
    const value = parseNumber(sign + text);
    if (typeof value !== "object") this.#index++;
    else if ("problem" in value) throw this.#fault(offset, value.problem);
    else this.#index++;
    return this.#make.constant(offset, value);
  }

  /** The selections, indexes and calls after an operand. */
  #member(start: Expr): Expr {
    let expr = start;
    for (let links = 0; ; links++) {
      if (links > maxDepth) {
        throw this.#fault(this.#token.offset, `expression recursion limit exceeded: ${maxDepth}`);
      }
      const dot = this.#take(".");
      if (dot !== undefined) {
        expr = this.#selection(expr, dot);
        continue;
      }
      const bracket = this.#take("[");
      if (bracket === undefined) return expr;
      const optional = this.#take("?") !== undefined;
      const index = this.#expression();
      this.#expect("]");
      expr = this.#make.call(bracket.offset, optional ? "_[?_]" : "_[_]", [expr, index]);
    }
  }

  #selection(operand: Expr, dot: Token): Expr {
    const optional = this.#take("?") !== undefined;
    const token = this.#token;
    if (token.kind !== "ident" || keywords.has(token.text) || token.text === "in") {
      throw this.#fault(
        token.offset,
        `Syntax error: no viable alternative at input '.${token.kind === "end" ? "" : token.text}'`,
      );
    }
    this.#index++;
    const field = token.text.replaceAll("`", "");
    if (optional) {
      const name = this.#make.constant(token.offset, field);
      return this.#make.call(dot.offset, "_?._", [operand, name]);
    }
    const open = this.#isAt("(") ? this.#take("(") : undefined;
    if (open === undefined) return this.#make.select(dot.offset, operand, field);
    return this.#call(field, open, operand);
  }

  #call(name: string, open: Token, target?: Expr): Expr {
    const args = this.#list(")");
    const call: CallNode = this.#make.call(open.offset, name, args, target);
    const expanded = expandMacro(call, this.#make);
    if (expanded === undefined) return call;
    if ("problem" in expanded) throw this.#fault(expanded.offset, expanded.problem);
    return expanded;
  }

  #list(close: string): Expr[] {
    const items: Expr[] = [];
    while (!this.#isAt(close)) {
      items.push(this.#expression());
      if (this.#take(",") === undefined) break;
      if (close === ")" && this.#isAt(close)) throw this.#unexpected(operandStart);
    }
    this.#expect(close);
    return items;
  }

  #primary(): Expr {
    const token = this.#token;
    if (token.kind === "number") return this.#number(token.offset, "");
    if (token.kind === "string" && token.value !== undefined) {
      this.#index++;
      return this.#make.constant(token.offset, token.value);
    }
    if (this.#take("(") !== undefined) {
      const inner = this.#expression();
      this.#expect(")");
      return inner;
    }
    if (this.#take("[") !== undefined) return this.#listLiteral(token);
    if (this.#take("{") !== undefined) return this.#mapLiteral(token);
    return this.#name();
  }

  #listLiteral({ offset }: Token): Expr {
    const elements: Array<{ value: Expr; optional: boolean }> = [];
    while (!this.#isAt("]")) {
      const optional = this.#take("?") !== undefined;
      elements.push({ value: this.#expression(), optional });
      if (this.#take(",") === undefined) break;
    }
    this.#expect("]");
    return this.#make.list(offset, elements);
  }

  #mapLiteral({ offset }: Token): Expr {
    const entries: Array<{ key: Expr; value: Expr; optional: boolean }> = [];
    while (!this.#isAt("}")) {
      const optional = this.#take("?") !== undefined;
      const key = this.#expression();
      this.#expect(":");
      entries.push({ key, value: this.#expression(), optional });
      if (this.#take(",") === undefined) break;
    }
    this.#expect("}");
    return this.#make.map(offset, entries);
  }

  #name(): Expr {
    const leading = this.#take(".");
    const token = this.#token;
    if (token.kind !== "ident" || token.text === "in" || token.text.startsWith("`")) {
      throw this.#unexpected(operandStart);
    }
    this.#index++;
    const keyword = keywords.get(token.text);
    if (keyword !== undefined && leading === undefined) return this.#make.constant(token.offset, keyword);
    if (reserved.has(token.text)) throw this.#fault(token.offset, `reserved identifier: ${token.text}`);
    const open = this.#take("(");
    if (open !== undefined) return this.#call(token.text, open);
    return this.#structOr(this.#make.ident(token.offset, token.text));
  }

  /** `a.b.C{…}` where braces follow the name. */
  #structOr(first: IdentNode): Expr {
    let end = this.#index;
    let name = first.name;
    while (this.#tokens[end]?.text === "." && this.#tokens[end + 1]?.kind === "ident") {
      name += `.${this.#tokens[end + 1]?.text ?? ""}`;
      end += 2;
    }
    const brace = this.#tokens[end];
    if (brace?.kind !== "punctuation" || brace.text !== "{") return first;
    this.#index = end + 1;
    return this.#make.struct(brace.offset, name, this.#structFields());
  }

  #structFields(): StructField[] {
    const fields: StructField[] = [];
    while (!this.#isAt("}")) {
      const optional = this.#take("?") !== undefined;
      const token = this.#token;
      if (token.kind !== "ident") throw this.#unexpected("{'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}");
      this.#index++;
      const colon = this.#expect(":");
      const name = token.text.replaceAll("`", "");
      fields.push({ name, value: this.#expression(), optional, offset: colon.offset });
      if (this.#take(",") === undefined) break;
    }
    this.#expect("}");
    return fields;
  }
}
