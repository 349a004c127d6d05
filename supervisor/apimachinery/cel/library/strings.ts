/** The string extension, version 2 (cel-go `ext/strings.go`). */
import { CelError } from "../cel-error.ts";
import { type CallCost, declare, type Library } from "../declarations.ts";
import { costSize, readsFirst, traversal, walkCost } from "../sizes.ts";
import { type CelList, ListValue } from "../values.ts";
import { integer, list, text } from "./arguments.ts";
import { formatText } from "./format-text.ts";

/** What building a result as long as the text costs. */
const readsFirstTwice: CallCost = ([subject]) => traversal(costSize(subject), 2);

const searchCost: CallCost = ([subject]) => walkCost(subject ?? null);

function outOfRange(index: number): CelError {
  return new CelError(`index out of range: ${index}`);
}

function charAt(subject: string, index: number): string {
  const characters = Array.from(subject);
  if (index < 0 || index > characters.length) throw outOfRange(index);
  return characters[index] ?? "";
}

function indexOf(subject: string, part: string, from: number): bigint {
  const characters = Array.from(subject);
  if (from < 0 || from > characters.length) throw outOfRange(from);
  const skipped = characters.slice(0, from).join("").length;
  const found = subject.indexOf(part, skipped);
  return found < 0 ? -1n : BigInt(Array.from(subject.slice(0, found)).length);
}

function lastIndexOf(subject: string, part: string, from: number | undefined): bigint {
  const characters = Array.from(subject);
  if (from !== undefined && (from < 0 || from > characters.length)) throw outOfRange(from);
  const start = from === undefined ? subject.length : characters.slice(0, from).join("").length;
  const found = subject.lastIndexOf(part, start);
  return found < 0 ? -1n : BigInt(Array.from(subject.slice(0, found)).length);
}

function substring(subject: string, start: number, end: number | undefined): string {
  const characters = Array.from(subject);
  const stop = end ?? characters.length;
  if (start < 0 || start > characters.length) throw outOfRange(start);
  if (stop < 0 || stop > characters.length) throw outOfRange(stop);
  if (start > stop) throw new CelError(`invalid substring range. start: ${start}, end: ${stop}`);
  return characters.slice(start, stop).join("");
}

function replace(subject: string, part: string, by: string, limit: number): string {
  if (limit < 0) return subject.replaceAll(part, () => by);
  const pieces = part === "" ? Array.from(subject) : subject.split(part);
  if (part === "") {
    // Before each character and at the end.
    const count = Math.min(limit, pieces.length + 1);
    return (
      pieces.map((piece, index) => (index < count ? by : "") + piece).join("") +
      (count > pieces.length ? by : "")
    );
  }
  const head = pieces.slice(0, limit + 1).join(by);
  const tail = pieces.slice(limit + 1);
  return tail.length === 0 ? head : [head, ...tail].join(part);
}

function split(subject: string, separator: string, limit: number): ListValue {
  if (limit === 0) return new ListValue([]);
  const pieces = separator === "" ? Array.from(subject) : subject.split(separator);
  if (limit < 0 || pieces.length <= limit) return new ListValue(pieces);
  return new ListValue([...pieces.slice(0, limit - 1), pieces.slice(limit - 1).join(separator)]);
}

function join(values: CelList, separator: string): string {
  return Array.from(values, text).join(separator);
}

const spaces = "\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const whitespace = new RegExp(`^[${spaces}]+|[${spaces}]+$`, "g");

function upperAscii(subject: string): string {
  return subject.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function lowerAscii(subject: string): string {
  return subject.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

const quoted: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

function quote(subject: string): string {
  const escaped = Array.from(subject.toWellFormed(), (character) => quoted[character] ?? character);
  return `"${escaped.join("")}"`;
}

const joinCost: CallCost = (_args, result) => traversal(costSize(result), 2);

export const stringsLibrary: Library = {
  functions: [
    declare("charAt", {
      "string.(int) -> string": ([subject, index]) => charAt(text(subject), integer(index)),
    }),
    declare(
      "indexOf",
      {
        "string.(string) -> int": ([subject, part]) => indexOf(text(subject), text(part), 0),
        "string.(string, int) -> int": ([subject, part, from]) =>
          indexOf(text(subject), text(part), integer(from)),
      },
      searchCost,
    ),
    declare(
      "lastIndexOf",
      {
        "string.(string) -> int": ([subject, part]) => lastIndexOf(text(subject), text(part), undefined),
        "string.(string, int) -> int": ([subject, part, from]) =>
          lastIndexOf(text(subject), text(part), integer(from)),
      },
      searchCost,
    ),
    declare("lowerAscii", { "string.() -> string": ([subject]) => lowerAscii(text(subject)) }, readsFirst),
    declare("upperAscii", { "string.() -> string": ([subject]) => upperAscii(text(subject)) }, readsFirst),
    declare(
      "replace",
      {
        "string.(string, string) -> string": ([subject, part, by]) =>
          replace(text(subject), text(part), text(by), -1),
        "string.(string, string, int) -> string": ([subject, part, by, limit]) =>
          replace(text(subject), text(part), text(by), integer(limit)),
      },
      readsFirstTwice,
    ),
    declare(
      "split",
      {
        "string.(string) -> list(string)": ([subject, separator]) =>
          split(text(subject), text(separator), -1),
        "string.(string, int) -> list(string)": ([subject, separator, limit]) =>
          split(text(subject), text(separator), integer(limit)),
      },
      readsFirstTwice,
    ),
    declare(
      "substring",
      {
        "string.(int) -> string": ([subject, start]) => substring(text(subject), integer(start), undefined),
        "string.(int, int) -> string": ([subject, start, end]) =>
          substring(text(subject), integer(start), integer(end)),
      },
      readsFirst,
    ),
    declare(
      "trim",
      { "string.() -> string": ([subject]) => text(subject).replace(whitespace, "") },
      readsFirst,
    ),
    declare(
      "join",
      {
        "list(string).() -> string": ([values]) => join(list(values), ""),
        "list(string).(string) -> string": ([values, separator]) => join(list(values), text(separator)),
      },
      joinCost,
    ),
    declare(
      "format",
      { "string.(list(dyn)) -> string": ([template, values]) => formatText(text(template), list(values)) },
      readsFirst,
    ),
    declare("strings.quote", { "(string) -> string": ([subject]) => quote(text(subject)) }, readsFirst),
  ],
};
