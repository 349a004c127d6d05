/** The parts of times and durations (cel-spec, "Timestamp and Duration functions"). */
import { CelError } from "../cel-error.ts";
import { declare, type FunctionDeclaration } from "../declarations.ts";
import { CelDuration, CelTimestamp, type CelValue } from "../values.ts";

const nanosPerMilli = 1_000_000n;

/** A time's parts in a zone, read from a date whose UTC is that zone's clock. */
function zoned(value: CelValue | undefined, zone: CelValue | undefined): Date {
  if (!(value instanceof CelTimestamp)) throw new CelError("no such overload");
  const millis = Number((value.nanos - positiveRemainder(value.nanos)) / nanosPerMilli);
  if (zone === undefined) return new Date(millis);
  return new Date(millis + offsetMillis(millis, String(zone)));
}

function positiveRemainder(nanos: bigint): bigint {
  return ((nanos % nanosPerMilli) + nanosPerMilli) % nanosPerMilli;
}

function offsetMillis(millis: number, zone: string): number {
  const fixed = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (fixed !== null) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3]);
    return (fixed[1] === "-" ? -minutes : minutes) * 60_000;
  }
  if (zone === "" || zone === "UTC") return 0;
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    const parts = Object.fromEntries(
      format.formatToParts(millis).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    const local = Date.UTC(year, month - 1, day, hour, minute, second);
    return local - Math.floor(millis / 1000) * 1000;
  } catch (error) {
    if (error instanceof RangeError) throw new CelError(`unknown time zone ${zone}`);
    throw error;
  }
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000);
}

const ofDates: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDayOfYear: dayOfYear,
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDate: (date) => date.getUTCDate(),
  getDayOfWeek: (date) => date.getUTCDay(),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
};

const durationUnits: Readonly<Record<string, bigint>> = {
  getHours: 3_600_000_000_000n,
  getMinutes: 60_000_000_000n,
  getSeconds: 1_000_000_000n,
  getMilliseconds: nanosPerMilli,
};

export const timeAccessors: readonly FunctionDeclaration[] = Object.entries(ofDates).map(([name, read]) => {
  const ofTime = ([value, zone]: readonly CelValue[]) => BigInt(read(zoned(value, zone)));
  const unit = durationUnits[name];
  const ofDuration = ([value]: readonly CelValue[]) => {
    if (!(value instanceof CelDuration) || unit === undefined) throw new CelError("no such overload");
    return name === "getMilliseconds" ? (value.nanos / unit) % 1000n : value.nanos / unit;
  };
  return declare(name, {
    "timestamp.() -> int": ofTime,
    "timestamp.(string) -> int": ofTime,
    ...(unit === undefined ? {} : { "duration.() -> int": ofDuration }),
  });
});
