/** `int("3")` and the like (cel-spec, "Type Conversion"). */
import { int64, timestamp, uint64 } from "../arithmetic.ts";
import { CelError } from "../cel-error.ts";
import { declare, type FunctionDeclaration, type Implementation } from "../declarations.ts";
import { readsFirst } from "../sizes.ts";
import { durationText, parseDuration, parseTimestamp, timestampText } from "../time-texts.ts";
import { CelDuration, CelTimestamp, CelUint, type CelValue } from "../values.ts";

const nanosPerSecond = 1_000_000_000n;
const decoder = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

function unconvertible(value: CelValue, type: string): CelError {
  return new CelError(`type conversion error from '${JSON.stringify(String(value))}' to '${type}'`);
}

function floorSeconds(nanos: bigint): bigint {
  const seconds = nanos / nanosPerSecond;
  return nanos % nanosPerSecond < 0n ? seconds - 1n : seconds;
}

/** The whole part of a double. */
function truncated(value: number, overflow: string): bigint {
  if (!Number.isFinite(value)) throw new CelError(overflow);
  return BigInt(Math.trunc(value));
}

function toInt(value: CelValue): CelValue {
  if (typeof value === "bigint") return value;
  if (value instanceof CelUint) return int64(value.value);
  if (typeof value === "number") {
    // The least int is one of the doubles that may stand for a lesser number.
    if (value <= -(2 ** 63)) throw new CelError("integer overflow");
    return int64(truncated(value, "integer overflow"));
  }
  if (value instanceof CelTimestamp) return floorSeconds(value.nanos);
  if (value instanceof CelDuration) return value.nanos;
  if (typeof value === "string" && /^[+-]?\d+$/.test(value)) return int64(BigInt(value.replace(/^\+/, "")));
  throw unconvertible(value, "int");
}

function toUint(value: CelValue): CelValue {
  if (value instanceof CelUint) return value;
  if (typeof value === "bigint") return uint64(value);
  if (typeof value === "number") return uint64(truncated(value, "unsigned integer overflow"));
  if (typeof value === "string" && /^\d+$/.test(value)) return uint64(BigInt(value));
  throw unconvertible(value, "uint");
}

function toDouble(value: CelValue): CelValue {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof CelUint) return Number(value.value);
  if (typeof value !== "string") throw unconvertible(value, "double");
  const special = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(value);
  if (special !== null) {
    if (special[2]?.toLowerCase() === "nan") return Number.NaN;
    return special[1] === "-" ? -Infinity : Infinity;
  }
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value)) throw unconvertible(value, "double");
  return Number(value);
}

/** A double as Go's `%g` writes it with as many digits as it needs. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const exponent = value === 0 ? 0 : Number(value.toExponential().split("e")[1]);
  if (exponent >= -4 && exponent < 21) return String(value);
  const [mantissa = "", power = "0"] = value.toExponential().split("e");
  const sign = power.startsWith("-") ? "-" : "+";
  return `${mantissa}e${sign}${power.replace(/^[+-]/, "").padStart(2, "0")}`;
}

function toText(value: CelValue): CelValue {
  if (typeof value === "string") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (typeof value === "number") return doubleText(value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof CelTimestamp) return timestampText(value);
  if (value instanceof CelDuration) return durationText(value);
  if (!(value instanceof Uint8Array)) throw unconvertible(value, "string");
  try {
    return decoder.decode(value);
  } catch (error) {
    if (error instanceof TypeError) throw new CelError("invalid UTF-8 in bytes, cannot convert to string");
    throw error;
  }
}

const booleans: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(["1", "t", "T", "true", "TRUE", "True"].map((word) => [word, true])),
  ...Object.fromEntries(["0", "f", "F", "false", "FALSE", "False"].map((word) => [word, false])),
};

function toBool(value: CelValue): CelValue {
  if (typeof value === "boolean") return value;
  const parsed = typeof value === "string" && Object.hasOwn(booleans, value) ? booleans[value] : undefined;
  if (parsed === undefined) throw unconvertible(value, "bool");
  return parsed;
}

function toBytes(value: CelValue): CelValue {
  return typeof value === "string" ? encoder.encode(value) : value;
}

function toDuration(value: CelValue): CelValue {
  if (value instanceof CelDuration) return value;
  if (typeof value === "bigint") return new CelDuration(value);
  const parsed = typeof value === "string" ? parseDuration(value) : undefined;
  if (parsed === undefined) throw unconvertible(value, "google.protobuf.Duration");
  return parsed;
}

function toTimestamp(value: CelValue): CelValue {
  if (value instanceof CelTimestamp) return value;
  if (typeof value === "bigint") return timestamp(value * nanosPerSecond);
  const parsed = typeof value === "string" ? parseTimestamp(value) : undefined;
  if (parsed === undefined) throw unconvertible(value, "google.protobuf.Timestamp");
  return parsed;
}

function conversion(
  name: string,
  from: readonly string[],
  convert: (value: CelValue) => CelValue,
): FunctionDeclaration {
  const implementation: Implementation = ([value]) => convert(value ?? null);
  const overloads = Object.fromEntries(from.map((type) => [`(${type}) -> ${name}`, implementation]));
  return declare(name, overloads, (args, result) => {
    const readsText = (args[0] instanceof Uint8Array && typeof result === "string") || name === "bytes";
    return readsText ? readsFirst(args) : 1;
  });
}

export const conversions: readonly FunctionDeclaration[] = [
  conversion("bool", ["bool", "string"], toBool),
  conversion("bytes", ["bytes", "string"], toBytes),
  conversion("double", ["double", "int", "string", "uint"], toDouble),
  conversion("duration", ["duration", "int", "string"], toDuration),
  conversion("int", ["int", "double", "duration", "string", "timestamp", "uint"], toInt),
  conversion("string", ["string", "bool", "bytes", "double", "duration", "int", "timestamp", "uint"], toText),
  conversion("timestamp", ["timestamp", "int", "string"], toTimestamp),
  conversion("uint", ["uint", "double", "int", "string"], toUint),
];
