/** Scalars that have a text form: checked and brought to the one form in which the API gives them back. */
import { canonicalQuantity } from "../quantity-format.ts";

const canonicalTime = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/;

/** A scalar's text is not of its form. The message is the one of the Go type's own decoder. */
export class ScalarError extends Error {
  override readonly name = "ScalarError";
}

function timeError(text: string, layout: string): ScalarError {
  const quoted = JSON.stringify(text);
  return new ScalarError(`parsing time ${quoted} as "${layout}": cannot parse ${quoted} as "2006"`);
}

/** An RFC 3339 time in UTC, whole seconds (`metav1.Time`). Throws a {@link ScalarError}. */
export function canonicalTimeText(text: string): string {
  if (canonicalTime.test(text)) return text;
  const millis = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(millis)) throw timeError(text, "2006-01-02T15:04:05Z07:00");
  return `${new Date(millis).toISOString().slice(0, 19)}Z`;
}

/** An RFC 3339 time in UTC with six digits of fraction (`metav1.MicroTime`). Throws a {@link ScalarError}. */
export function canonicalMicroTimeText(text: string): string {
  const match = rfc3339.exec(text);
  const millis = match ? Date.parse(`${match[1]}${match[3]}`) : Number.NaN;
  if (match === null || Number.isNaN(millis)) throw timeError(text, "2006-01-02T15:04:05.000000Z07:00");
  const micros = (match[2] ?? "").slice(0, 6).padEnd(6, "0");
  return `${new Date(millis).toISOString().slice(0, 19)}.${micros}Z`;
}

/** A quantity in its canonical form. Throws a {@link ScalarError}. */
export function canonicalQuantityText(value: string | number): string {
  try {
    return canonicalQuantity(String(value));
  } catch {
    throw new ScalarError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
}

/** Standard base64 with padding. Throws a {@link ScalarError} that names the first byte that is wrong. */
export function checkBase64(text: string): void {
  const body = /^[A-Za-z0-9+/\r\n]*/.exec(text)?.[0].length ?? 0;
  const rest = text.slice(body);
  const digits = text.slice(0, body).replace(/[\r\n]/g, "").length;
  const wanted = ["", undefined, "==", "="][digits % 4];
  if (wanted === undefined || rest.replace(/[\r\n]/g, "") !== wanted) {
    throw new ScalarError(
      `illegal base64 data at input byte ${rest === "" ? Math.max(0, body - (digits % 4)) : body}`,
    );
  }
}
