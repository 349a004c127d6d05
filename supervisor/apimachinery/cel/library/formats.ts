/** The forms of names and texts (apiserver `cel/library/format.go`). */
import {
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  checkQualifiedName,
  type FormatCheck,
} from "../../validation/formats.ts";
import { declare, type Library } from "../declarations.ts";
import { costSize, regexLengthFactor, traversal } from "../sizes.ts";
import { parseTimestamp } from "../time-texts.ts";
import { objectType } from "../types.ts";
import { CelForeign, CelOptional, type CelValue, ListValue } from "../values.ts";
import { foreign, text } from "./arguments.ts";
import { parseRequestUri, RequestUriError } from "./request-uri.ts";

const type = "kubernetes.NamedFormat";

class FormatValue extends CelForeign {
  readonly typeName = type;
  readonly check: FormatCheck;
  /** The length of the pattern behind the check, for the cost. */
  readonly patternLength: number;

  constructor(check: FormatCheck, patternLength: number) {
    super();
    this.check = check;
    this.patternLength = patternLength;
  }

  equals(other: CelForeign): boolean {
    return other instanceof FormatValue && other.check === this.check;
  }
}

/** The check of a prefix, which may end with a dash since more comes. */
function ofPrefix(check: FormatCheck): FormatCheck {
  return (value) => check(value.length > 1 && value.endsWith("-") ? `${value.slice(0, -1)}a` : value);
}

function matching(test: (value: string) => boolean, complaint: string): FormatCheck {
  return (value) => (test(value) ? [] : [complaint]);
}

function checkUri(value: string): readonly string[] {
  try {
    parseRequestUri(value);
    return [];
  } catch (error) {
    if (error instanceof RequestUriError) return [error.message];
    throw error;
  }
}

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function isDate(value: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(value) && parseTimestamp(`${value}T00:00:00Z`) !== undefined;
}

const formats: ReadonlyMap<string, FormatValue> = new Map([
  ["dns1123Label", new FormatValue(checkDnsLabel, 30)],
  ["dns1123Subdomain", new FormatValue(checkDnsSubdomain, 60)],
  ["dns1035Label", new FormatValue(checkDns1035Label, 30)],
  ["qualifiedName", new FormatValue(checkQualifiedName, 60)],
  ["dns1123LabelPrefix", new FormatValue(ofPrefix(checkDnsLabel), 30)],
  ["dns1123SubdomainPrefix", new FormatValue(ofPrefix(checkDnsSubdomain), 60)],
  ["dns1035LabelPrefix", new FormatValue(ofPrefix(checkDns1035Label), 30)],
  ["labelValue", new FormatValue(checkLabelValue, 40)],
  ["uri", new FormatValue(checkUri, 1121)],
  [
    "uuid",
    new FormatValue(
      matching((value) => uuid.test(value), "does not match the UUID format"),
      88,
    ),
  ],
  [
    "byte",
    new FormatValue(
      matching((value) => base64.test(value), "invalid base64"),
      76,
    ),
  ],
  ["date", new FormatValue(matching(isDate, "invalid date"), 68)],
  [
    "datetime",
    new FormatValue(
      matching((value) => parseTimestamp(value) !== undefined, "invalid datetime"),
      68,
    ),
  ],
]);

function validate([format, value]: readonly CelValue[]): CelOptional {
  const complaints = foreign(FormatValue, format).check(text(value));
  return complaints.length === 0 ? CelOptional.none : new CelOptional(new ListValue([...complaints]));
}

export const formatsLibrary: Library = {
  typeNames: { [type]: objectType(type) },
  functions: [
    ...Array.from(formats, ([name, format]) =>
      declare(`format.${name}`, { [`() -> ${type}`]: () => format }),
    ),
    declare("format.named", {
      [`(string) -> optional(${type})`]: ([name]) => {
        const format = formats.get(text(name));
        return format === undefined ? CelOptional.none : new CelOptional(format);
      },
    }),
    declare("validate", { [`${type}.(string) -> optional(list(string))`]: validate }, ([format, value]) => {
      const { patternLength } = foreign(FormatValue, format);
      return traversal(1 + costSize(value)) * Math.ceil(patternLength * regexLengthFactor);
    }),
  ],
};
