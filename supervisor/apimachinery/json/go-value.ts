import type { JsonValue } from "./json-value.ts";

/** A value as Go's `%v` prints it: `map[a:1 b:[x y]]`, which some of the API's messages show. */
export function goValue(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goValue).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  const names = Object.keys(value).sort();
  return `map[${names.map((name) => `${name}:${goValue(value[name])}`).join(" ")}]`;
}
