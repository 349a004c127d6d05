/** A filter of system calls as the OCI runtime specification and container engines write it. */
export interface SeccompProfile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly syscalls: readonly SeccompRule[];
}

interface SeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly SeccompArgument[];
}

export interface SeccompArgument {
  readonly index: number;
  readonly value: bigint;
  readonly valueTwo: bigint;
  readonly op: string;
}

/** Reads a profile's JSON. Throws an Error that says what is wrong with it. */
export function parseSeccompProfile(text: string): SeccompProfile {
  const { defaultAction, defaultErrnoRet, syscalls } = asObject(JSON.parse(text), "the profile");
  return {
    defaultAction: asText(defaultAction, "defaultAction"),
    ...errnoOf("defaultErrnoRet", defaultErrnoRet),
    syscalls: asList(syscalls, "syscalls").map(parseRule),
  };
}

function parseRule(value: unknown, index: number): SeccompRule {
  const at = `syscalls[${index}]`;
  const { name, names, action, errnoRet, args } = asObject(value, at);
  return {
    names: [...asList(names, `${at}.names`), ...(name === undefined ? [] : [name])].map((one) =>
      asText(one, `${at}.names`),
    ),
    action: asText(action, `${at}.action`),
    ...errnoOf("errnoRet", errnoRet),
    args: asList(args, `${at}.args`).map((one, i) => parseArgument(one, `${at}.args[${i}]`)),
  };
}

function parseArgument(value: unknown, at: string): SeccompArgument {
  const { index, value: first, valueTwo, op } = asObject(value, at);
  return {
    index: asNumber(index, `${at}.index`),
    value: BigInt(asNumber(first ?? 0, `${at}.value`)),
    valueTwo: BigInt(asNumber(valueTwo ?? 0, `${at}.valueTwo`)),
    op: asText(op, `${at}.op`),
  };
}

function errnoOf<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: number } {
  if (value === undefined || value === null) return {};
  // A computed key is typed as any string; it is the one that was given.
  return { [key]: asNumber(value, key) } as { readonly [K in Key]?: number };
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new Error(`${what} is not an object`);
}

function asList(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new Error(`${what} is not a list`);
}

function asText(value: unknown, what: string): string {
  if (typeof value === "string") return value;
  throw new Error(`${what} is not a string`);
}

function asNumber(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw new Error(`${what} is not a whole number`);
}
