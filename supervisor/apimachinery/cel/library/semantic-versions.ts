/** Semantic versions (apiserver `cel/library/semverlib.go`). */
import { CelError } from "../cel-error.ts";
import { declare, type Library } from "../declarations.ts";
import { compareStrings } from "../equality.ts";
import { readsFirst } from "../sizes.ts";
import { objectType } from "../types.ts";
import { CelForeign, type CelValue } from "../values.ts";
import { foreign, text } from "./arguments.ts";

const type = "kubernetes.Semver";
const number = "(0|[1-9]\\d*)";
const identifiers = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*";
const pattern = new RegExp(`^${number}\\.${number}\\.${number}(?:-(${identifiers}))?(?:\\+${identifiers})?$`);

class SemverValue extends CelForeign {
  readonly typeName = type;
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly string[];

  constructor(numbers: readonly bigint[], prerelease: readonly string[]) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
  }

  equals(other: CelForeign): boolean {
    return other instanceof SemverValue && compare(this, other) === 0n;
  }
}

function parse(raw: string): SemverValue | undefined {
  const match = pattern.exec(raw);
  if (match === null) return undefined;
  const [, major = "0", minor = "0", patch = "0", prerelease = ""] = match;
  const labels = prerelease === "" ? [] : prerelease.split(".");
  if (labels.some((label) => /^0\d+$/.test(label))) return undefined;
  return new SemverValue([major, minor, patch].map(BigInt), labels);
}

/** Takes a leading `v`, versions with fewer numbers, and leading zeros. */
function parseTolerant(raw: string): SemverValue | undefined {
  const parts = raw.replace(/^v/, "").split(".");
  const three = parts.length > 3 ? [...parts.slice(0, 2), parts.slice(2).join(".")] : parts;
  const trimmed = three.map((part) => part.replace(/^0+(?=\d)/, ""));
  if (trimmed.length < 3 && /[+-]/.test(trimmed.at(-1) ?? "")) return undefined;
  while (trimmed.length < 3) trimmed.push("0");
  return parse(trimmed.join("."));
}

function parsed([raw, normalize]: readonly CelValue[]): SemverValue | undefined {
  return normalize === true ? parseTolerant(text(raw)) : parse(text(raw));
}

function version(args: readonly CelValue[]): SemverValue {
  const found = parsed(args);
  if (found === undefined) throw new CelError(`${JSON.stringify(text(args[0]))} is no semantic version`);
  return found;
}

function compareLabels(left: string, right: string): number {
  const isNumber = [left, right].map((label) => /^\d+$/.test(label));
  if (isNumber[0] && isNumber[1]) return Number(BigInt(left) - BigInt(right));
  if (isNumber[0] !== isNumber[1]) return isNumber[0] ? -1 : 1;
  return compareStrings(left, right);
}

function compare(left: SemverValue, right: SemverValue): bigint {
  for (const [index, own] of left.numbers.entries()) {
    const other = right.numbers[index] ?? 0n;
    if (own !== other) return own < other ? -1n : 1n;
  }
  // A prerelease comes before the release.
  if (left.prerelease.length === 0 || right.prerelease.length === 0) {
    return BigInt(Math.sign(right.prerelease.length - left.prerelease.length));
  }
  for (const [index, own] of left.prerelease.entries()) {
    const other = right.prerelease[index];
    if (other === undefined) return 1n;
    const order = compareLabels(own, other);
    if (order !== 0) return order < 0 ? -1n : 1n;
  }
  return left.prerelease.length < right.prerelease.length ? -1n : 0n;
}

function order([left, right]: readonly CelValue[]): bigint {
  return compare(foreign(SemverValue, left), foreign(SemverValue, right));
}

function part(name: string, index: number) {
  return declare(name, {
    [`${type}.() -> int`]: ([value]) => foreign(SemverValue, value).numbers[index] ?? 0n,
  });
}

export const semanticVersionsLibrary: Library = {
  typeNames: { [type]: objectType(type) },
  functions: [
    declare(
      "semver",
      { [`(string) -> ${type}`]: version, [`(string, bool) -> ${type}`]: version },
      readsFirst,
    ),
    declare(
      "isSemver",
      {
        "(string) -> bool": (args) => parsed(args) !== undefined,
        "(string, bool) -> bool": (args) => parsed(args) !== undefined,
      },
      readsFirst,
    ),
    part("major", 0),
    part("minor", 1),
    part("patch", 2),
    declare("isGreaterThan", { [`${type}.(${type}) -> bool`]: (args) => order(args) === 1n }),
    declare("isLessThan", { [`${type}.(${type}) -> bool`]: (args) => order(args) === -1n }),
    declare("compareTo", { [`${type}.(${type}) -> int`]: order }),
  ],
};
