/**
 * Regular expressions of users run in time linear in the text: RE2's, as upstream. The engine of JavaScript would let one
 * pattern hold up the server.
 */
import { RE2JS } from "re2js";
import { CelError } from "./cel-error.ts";

const known = new Map<string, RE2JS | undefined>();
const maxKnown = 512;

/** Undefined where the text is no pattern. */
export function compileRegex(pattern: string): RE2JS | undefined {
  if (known.has(pattern)) return known.get(pattern);
  if (known.size >= maxKnown) known.clear();
  const compiled = tryCompile(pattern);
  known.set(pattern, compiled);
  return compiled;
}

function tryCompile(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}

function mustCompile(pattern: string): RE2JS {
  const compiled = compileRegex(pattern);
  if (compiled === undefined) throw new CelError(`error parsing regexp: \`${pattern}\``);
  return compiled;
}

/** Whether the pattern matches somewhere in the text. Throws a {@link CelError} for what is no pattern. */
export function matchesRegex(text: string, pattern: string): boolean {
  return mustCompile(pattern).matcher(text).find();
}

/** The first `limit` matches; all for a negative limit. */
export function findRegex(text: string, pattern: string, limit: number): string[] {
  const found: string[] = [];
  const matcher = mustCompile(pattern).matcher(text);
  while ((limit < 0 || found.length < limit) && matcher.find()) found.push(matcher.group() ?? "");
  return found;
}
