import { compileRegex } from "../cel/regex.ts";

/** A schema's `pattern` is no regular expression. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/**
 * Whether a text has a part that matches a regular expression of Go (RE2), in time linear in the text: the values come
 * from users. Throws a {@link PatternError}.
 */
export function goPattern(pattern: string): (text: string) => boolean {
  const compiled = compileRegex(pattern);
  if (compiled === undefined) throw new PatternError(`error parsing regexp: \`${pattern}\``);
  return (text) => compiled.matcher(text).find();
}
