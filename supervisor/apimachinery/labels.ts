/** Label selectors: `app=web,tier in (a, b),!legacy` (apimachinery `pkg/labels`, with its error texts). */
import { checkLabelValue, checkQualifiedName } from "./validation/formats.ts";

export type Labels = Readonly<Record<string, string>>;

export interface LabelRequirement {
  readonly key: string;
  readonly operator: "=" | "!=" | "in" | "notin" | "exists" | "!" | ">" | "<";
  readonly values: readonly string[];
}

/** A text is no selector. */
export class SelectorError extends Error {
  override readonly name = "SelectorError";
}

type TokenKind =
  | "end"
  | "identifier"
  | "in"
  | "notin"
  | "="
  | "=="
  | "!="
  | "!"
  | ">"
  | "<"
  | "("
  | ")"
  | ",";

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const operators = ["=", "!=", "==", "in", "notin", ">", "<"];

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  // Operators first, the longer before the shorter; then all up to the next operator or white space.
  for (const match of text.matchAll(/[ \t\r\n]*(?:(==|!=|[=!<>(),])|([^=!<>(),\s]+))/g)) {
    const [, operator, word = ""] = match;
    // The pattern matches only texts that are kinds of tokens.
    if (operator !== undefined) tokens.push({ kind: operator as TokenKind, text: operator });
    else tokens.push({ kind: word === "in" || word === "notin" ? word : "identifier", text: word });
  }
  tokens.push({ kind: "end", text: "" });
  return tokens;
}

class SelectorParser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  /** The token at hand; `in` and `notin` are operators in one place only. */
  #peek(): Token {
    const token = this.#tokens[this.#position] ?? { kind: "end", text: "" };
    return token.kind === "in" || token.kind === "notin" ? { ...token, kind: "identifier" } : token;
  }

  #next(): Token {
    const token = this.#peek();
    this.#position++;
    return token;
  }

  parse(): readonly LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    if (this.#peek().kind === "end") return requirements;
    for (;;) {
      const { kind, text } = this.#peek();
      if (kind !== "identifier" && kind !== "!") {
        throw new SelectorError(`found '${text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      const separator = this.#next();
      if (separator.kind === "end") return requirements;
      if (separator.kind !== ",") {
        throw new SelectorError(`found '${separator.text}', expected: ',' or 'end of string'`);
      }
      const following = this.#peek();
      if (following.kind !== "identifier" && following.kind !== "!") {
        throw new SelectorError(`found '${following.text}', expected: identifier after ','`);
      }
    }
  }

  #requirement(): LabelRequirement {
    try {
      return this.#parseRequirement();
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error;
      throw new SelectorError(`unable to parse requirement: ${error.message}`);
    }
  }

  #parseRequirement(): LabelRequirement {
    const negated = this.#peek().kind === "!";
    if (negated) this.#position++;
    const { kind, text: key } = this.#next();
    if (kind !== "identifier") throw new SelectorError(`found '${key}', expected: identifier`);
    refuse("key", key, checkQualifiedName(key));
    if (negated) return { key, operator: "!", values: [] };
    const following = this.#peek().kind;
    if (following === "end" || following === ",") return { key, operator: "exists", values: [] };
    return this.#binaryRequirement(key);
  }

  #binaryRequirement(key: string): LabelRequirement {
    const operator = this.#tokens[this.#position++] ?? { kind: "end", text: "" };
    switch (operator.kind) {
      case "in":
      case "notin":
        return checked({ key, operator: operator.kind, values: this.#values() });
      case "=":
      case "==":
        return checked({ key, operator: "=", values: [this.#exactValue()] });
      case "!=":
      case ">":
      case "<":
        return checked({ key, operator: operator.kind, values: [this.#exactValue()] });
      default:
        throw new SelectorError(`found '${operator.text}', expected: ${operators.join(", ")}`);
    }
  }

  #exactValue(): string {
    const { kind, text } = this.#peek();
    if (kind === "end" || kind === ",") return "";
    if (kind !== "identifier") throw new SelectorError(`found '${text}', expected: identifier`);
    this.#position++;
    return text;
  }

  /** `(a,b)`; an empty place stands for the empty text. */
  #values(): readonly string[] {
    const open = this.#next();
    if (open.kind !== "(") throw new SelectorError(`found '${open.text}' expected: '('`);
    const values = new Set<string>();
    for (;;) {
      const { kind, text } = this.#peek();
      if (kind === "identifier") this.#position++;
      values.add(kind === "identifier" ? text : "");
      const separator = this.#next();
      if (separator.kind === ")") return Array.from(values).sort();
      if (separator.kind !== ",") throw new SelectorError(`found '${separator.text}', expected: ',' or ')'`);
    }
  }
}

function refuse(what: "key" | "values", value: string, complaints: readonly string[]): void {
  if (complaints.length === 0) return;
  throw new SelectorError(`${what}: Invalid value: ${JSON.stringify(value)}: ${complaints.join("; ")}`);
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const { operator, values } = requirement;
  values.forEach((value, index) => {
    if ((operator === ">" || operator === "<") && !/^[+-]?\d+$/.test(value)) {
      const complaint = "for 'Gt', 'Lt' operators, the value must be an integer";
      throw new SelectorError(`values[${index}]: Invalid value: ${JSON.stringify(value)}: ${complaint}`);
    }
    const complaints = checkLabelValue(value);
    if (complaints.length > 0) {
      const path = `values[${index}][${requirement.key}]`;
      throw new SelectorError(`${path}: Invalid value: ${JSON.stringify(value)}: ${complaints.join("; ")}`);
    }
  });
  return requirement;
}

/** The requirements of a selector; none for the empty one. Throws a {@link SelectorError}. */
export function parseLabelSelector(text: string): readonly LabelRequirement[] {
  return new SelectorParser(text).parse();
}

function meets(requirement: LabelRequirement, value: string | undefined): boolean {
  const { operator, values } = requirement;
  switch (operator) {
    case "=":
      return value === values[0];
    case "!=":
      return value !== values[0];
    case "in":
      return value !== undefined && values.includes(value);
    case "notin":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    case ">":
    case "<": {
      if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
      const difference = BigInt(value) - BigInt(values[0] ?? "0");
      return operator === ">" ? difference > 0n : difference < 0n;
    }
  }
}

export function matchesLabels(requirements: readonly LabelRequirement[], labels: Labels = {}): boolean {
  return requirements.every((requirement) => meets(requirement, ownValue(labels, requirement.key)));
}

function ownValue(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
