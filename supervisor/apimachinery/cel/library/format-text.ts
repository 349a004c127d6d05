/** `"%s is %d".format([…])` (cel-go `ext/formatting.go`). */
import { CelError } from "../cel-error.ts";
import { compareStrings } from "../equality.ts";
import { durationText, timestampText } from "../time-texts.ts";
import {
  CelDuration,
  CelForeign,
  CelList,
  CelMap,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  typeNameOf,
} from "../values.ts";
import { doubleText } from "./conversions.ts";

const clause = /%(%|(?:\.(\d+))?([a-zA-Z]))?/g;
const decoder = new TextDecoder();

export function formatText(template: string, values: CelList): string {
  let next = 0;
  return template.replace(clause, (whole: string, body?: string, precision?: string, verb?: string) => {
    if (body === "%") return "%";
    if (verb === undefined) throw new CelError("unexpected end of string");
    if (next >= values.size) throw new CelError(`index ${next} out of range`);
    const value = values.at(next++);
    const formatter = Object.hasOwn(formatters, verb) ? formatters[verb] : undefined;
    if (formatter === undefined) {
      throw new CelError(
        `could not parse formatting clause: unrecognized formatting clause "${whole.at(-1)}"`,
      );
    }
    return formatter(value, precision === undefined ? 6 : Number(precision));
  });
}

type Formatter = (value: CelValue, precision: number) => string;

const formatters: Readonly<Record<string, Formatter>> = {
  s: stringForm,
  d: decimalForm,
  f: (value, precision) => fixedForm(value, precision),
  e: (value, precision) => exponentForm(value, precision),
  b: binaryForm,
  x: (value) => hexForm(value),
  X: (value) => hexForm(value).toUpperCase(),
  o: octalForm,
};

function wrongType(verb: string, allowed: string, value: CelValue): CelError {
  return new CelError(
    `error during formatting: ${verb} clause can only be used on ${allowed}, was given ${typeNameOf(value)}`,
  );
}

function stringForm(value: CelValue): string {
  if (value === null) return "null";
  if (typeof value === "number") return Number.isFinite(value) ? doubleText(value) : nonFinite(value);
  if (typeof value !== "object") return String(value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof Uint8Array) return decoder.decode(value);
  if (value instanceof CelTimestamp) return timestampText(value);
  if (value instanceof CelDuration) return durationText(value);
  if (value instanceof CelTypeValue) return value.name;
  if (value instanceof CelList) return `[${Array.from(value, stringForm).join(", ")}]`;
  if (value instanceof CelMap && !(value instanceof CelForeign)) return mapForm(value);
  throw wrongType(
    "string",
    "strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
    value,
  );
}

function mapForm(map: CelMap): string {
  const entries = Array.from(
    map.keys(),
    (key) => [stringForm(key), stringForm(map.get(key) ?? null)] as const,
  );
  entries.sort(([left], [right]) => compareStrings(left, right));
  return `{${entries.map(([key, value]) => `${key}: ${value}`).join(", ")}}`;
}

function nonFinite(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

function decimalForm(value: CelValue): string {
  if (typeof value === "bigint") return String(value);
  if (value instanceof CelUint) return String(value.value);
  if (typeof value === "number" && !Number.isFinite(value)) return nonFinite(value);
  throw wrongType("decimal", "integers", value);
}

function double(value: CelValue, verb: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof CelUint) return Number(value.value);
  throw wrongType(verb, "doubles", value);
}

/** With so many digits; what lies in the middle goes to the even one, as in Go. */
function rounded(value: number, digits: number): string {
  const text = value.toFixed(digits);
  const exact = value.toFixed(100);
  const point = exact.indexOf(".");
  const isMiddle = digits < 100 && /^50*$/.test(exact.slice(point + 1 + digits));
  if (!isMiddle) return text;
  const lower = digits === 0 ? exact.slice(0, point) : exact.slice(0, point + 1 + digits);
  return Number(lower.at(-1)) % 2 === 0 ? lower : text;
}

function fixedForm(value: CelValue, precision: number): string {
  const number = double(value, "fixed-point");
  return Number.isFinite(number) ? rounded(number, Math.min(precision, 100)) : nonFinite(number);
}

function exponentForm(value: CelValue, precision: number): string {
  const number = double(value, "scientific notation");
  if (!Number.isFinite(number)) return nonFinite(number);
  const [mantissa = "", power = "+0"] = number.toExponential(Math.min(precision, 100)).split("e");
  return `${mantissa}e${power.charAt(0)}${power.slice(1).padStart(2, "0")}`;
}

function integerIn(value: CelValue, base: number, verb: string, allowed: string): string {
  if (typeof value === "bigint") return value.toString(base);
  if (value instanceof CelUint) return value.value.toString(base);
  throw wrongType(verb, allowed, value);
}

function binaryForm(value: CelValue): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return integerIn(value, 2, "binary", "integers and bools");
}

function octalForm(value: CelValue): string {
  return integerIn(value, 8, "octal", "integers");
}

function hexForm(value: CelValue): string {
  if (typeof value === "string") return Buffer.from(value).toString("hex");
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return integerIn(value, 16, "hex", "integers, byte buffers, and strings");
}
