/** Schedules as CronJobs write them, read with the texts of robfig/cron v3 `ParseStandard`. */

/** The text is no schedule. */
export class ScheduleError extends Error {
  override readonly name = "ScheduleError";
}

interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly names: readonly string[];
}

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const fields: readonly Bounds[] = [
  { low: 0, high: 59, names: [] },
  { low: 0, high: 23, names: [] },
  { low: 1, high: 31, names: [] },
  { low: 1, high: 12, names: monthNames },
  { low: 0, high: 6, names: dayNames },
];

const descriptors: ReadonlySet<string> = new Set([
  "@yearly",
  "@annually",
  "@monthly",
  "@weekly",
  "@daily",
  "@midnight",
  "@hourly",
]);

/** Throws a {@link ScheduleError}. */
export function checkSchedule(schedule: string): void {
  if (schedule === "") throw new ScheduleError("empty spec string");
  let spec = schedule;
  const zone = /^(?:CRON_)?TZ=(\S*)(?:\s+(.*))?$/.exec(schedule);
  if (zone !== null) {
    const [, name = "", rest = ""] = zone;
    if (!isTimeZone(name))
      throw new ScheduleError(`provided bad location ${name}: unknown time zone ${name}`);
    spec = rest.trim();
  }
  if (spec.startsWith("@")) checkDescriptor(spec);
  else checkFields(spec);
}

function checkDescriptor(spec: string): void {
  if (descriptors.has(spec)) return;
  const every = "@every ";
  if (!spec.startsWith(every)) throw new ScheduleError(`unrecognized descriptor: ${spec}`);
  const duration = spec.slice(every.length);
  if (
    /^[+-]?(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h)(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))*$/.test(
      duration,
    )
  )
    return;
  throw new ScheduleError(
    `failed to parse duration ${spec}: time: invalid duration ${JSON.stringify(duration)}`,
  );
}

function checkFields(spec: string): void {
  const parts = spec.split(/\s+/).filter((part) => part !== "");
  if (parts.length !== fields.length) {
    throw new ScheduleError(
      `expected exactly ${fields.length} fields, found ${parts.length}: [${parts.join(" ")}]`,
    );
  }
  parts.forEach((part, index) => {
    const bounds = fields[index];
    if (bounds === undefined) return;
    for (const range of part.split(",")) if (range !== "") checkRange(range, bounds);
  });
}

function checkRange(range: string, bounds: Bounds): void {
  const [span = "", step, ...more] = range.split("/");
  const [from = "", to, ...others] = span.split("-");
  let start = bounds.low;
  let end = bounds.high;
  const isAny = from === "*" || from === "?";
  if (!isAny) {
    start = parseValue(from, bounds);
    if (others.length > 0) throw new ScheduleError(`too many hyphens: ${range}`);
    end = to === undefined ? start : parseValue(to, bounds);
  }
  let size = 1;
  if (more.length > 0) throw new ScheduleError(`too many slashes: ${range}`);
  if (step !== undefined) {
    size = parseNumber(step);
    // `N/step` means `N-max/step`.
    if (!isAny && to === undefined) end = bounds.high;
  }
  if (start < bounds.low) {
    throw new ScheduleError(`beginning of range (${start}) below minimum (${bounds.low}): ${range}`);
  }
  if (end > bounds.high) {
    throw new ScheduleError(`end of range (${end}) above maximum (${bounds.high}): ${range}`);
  }
  if (start > end) {
    throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${range}`);
  }
  if (size === 0) throw new ScheduleError(`step of range should be a positive number: ${range}`);
}

function parseValue(text: string, bounds: Bounds): number {
  const named = bounds.names.indexOf(text.toLowerCase());
  return named >= 0 ? named + bounds.low : parseNumber(text);
}

function parseNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    const quoted = JSON.stringify(text);
    throw new ScheduleError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${quoted}: invalid syntax`,
    );
  }
  const value = Number(text);
  if (value < 0) throw new ScheduleError(`negative number (${value}) not allowed: ${text}`);
  return value;
}

/** Whether the system knows the time zone. */
export function isTimeZone(name: string): boolean {
  if (name === "" || name === "UTC" || name === "Local") return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    // Offsets such as +01:00 are no names.
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
