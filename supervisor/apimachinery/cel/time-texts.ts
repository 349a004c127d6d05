/** Times and durations as texts: RFC 3339, and Go's `time.Duration`. */
import { CelDuration, CelTimestamp } from "./values.ts";

const billion = 1_000_000_000n;
const million = 1_000_000n;
const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/;
/** The years 1 to 9999. */
export const minTimestampNanos = -62_135_596_800n * billion;
export const maxTimestampNanos = 253_402_300_799n * billion + 999_999_999n;

export function parseTimestamp(text: string): CelTimestamp | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [, date = "", time = "", fraction = "", zone = ""] = match;
  const millis = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(millis)) return undefined;
  // A day that a month has not is taken for one of the next month: no date has it.
  if (new Date(Date.parse(`${date}T00:00:00Z`)).toISOString().slice(0, 10) !== date) return undefined;
  const nanos = BigInt(millis) * million + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return nanos < minTimestampNanos || nanos > maxTimestampNanos ? undefined : new CelTimestamp(nanos);
}

/** RFC 3339 in UTC, with as many digits of fraction as it needs. */
export function timestampText({ nanos }: CelTimestamp): string {
  const fraction = ((nanos % billion) + billion) % billion;
  const seconds = (nanos - fraction) / billion;
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const digits = fraction === 0n ? "" : `.${fraction.toString().padStart(9, "0").replace(/0+$/, "")}`;
  return `${text}${digits}Z`;
}

const unitNanos: Readonly<Record<string, bigint>> = {
  h: 3600n * billion,
  m: 60n * billion,
  s: billion,
  ms: million,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ns: 1n,
};
const durationPart = /(\d*)(?:\.(\d*))?(h|ms|m|s|us|µs|μs|ns)/y;
const maxInt64 = 2n ** 63n - 1n;

export function parseDuration(text: string): CelDuration | undefined {
  const negative = text.startsWith("-");
  const body = text.replace(/^[+-]/, "");
  if (body === "0") return new CelDuration(0n);
  let nanos = 0n;
  let index = 0;
  while (index < body.length) {
    durationPart.lastIndex = index;
    const match = durationPart.exec(body);
    if (match === null) return undefined;
    const [all, whole = "", fraction = "", unit = ""] = match;
    if (whole === "" && fraction === "") return undefined;
    const scale = unitNanos[unit] ?? 0n;
    nanos += BigInt(whole === "" ? "0" : whole) * scale;
    if (fraction !== "") nanos += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
    index += all.length;
  }
  if (index === 0 || nanos > maxInt64) return undefined;
  return new CelDuration(negative ? -nanos : nanos);
}

/** Seconds with `s`, as CEL's `string(duration)` gives it. */
export function durationText({ nanos }: CelDuration): string {
  const magnitude = nanos < 0n ? -nanos : nanos;
  const fraction = magnitude % billion;
  const digits = fraction === 0n ? "" : `.${fraction.toString().padStart(9, "0").replace(/0+$/, "")}`;
  return `${nanos < 0n ? "-" : ""}${magnitude / billion}${digits}s`;
}
