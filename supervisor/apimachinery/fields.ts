/** Field selectors: `spec.nodeName=a,status.phase!=Failed` (apimachinery `pkg/fields`, with its error texts). */
import { SelectorError } from "./labels.ts";

export interface FieldRequirement {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

/** Splits at each separator that no backslash stands before. */
function splitTerms(text: string): readonly string[] {
  return (text.match(/(?:[^,\\]|\\.)+/gs) ?? []).filter((term) => term !== "");
}

function unescapeValue(text: string, selector: string): string {
  if (/(?:^|[^\\])(?:\\\\)*\\(?:[^\\,=]|$)/.test(text)) {
    throw new SelectorError(`invalid selector: '${selector}'; invalid escape sequence in '${text}'`);
  }
  return text.replace(/\\([\\,=])/g, "$1");
}

/** The requirements of a selector; none for the empty one. Throws a {@link SelectorError}. */
export function parseFieldSelector(selector: string): readonly FieldRequirement[] {
  return splitTerms(selector).map((term) => {
    const match = /^((?:[^=!\\]|\\.|!(?!=))*)(!=|==|=)(.*)$/s.exec(term);
    if (match === null) {
      throw new SelectorError(`invalid selector: '${selector}'; can't understand '${term}'`);
    }
    const [, field = "", operator = "", value = ""] = match;
    return { field, operator: operator === "!=" ? "!=" : "=", value: unescapeValue(value, selector) };
  });
}

/** Whether the fields meet all requirements; a field that is absent is the empty text. */
export function matchesFields(
  requirements: readonly FieldRequirement[],
  fields: Readonly<Record<string, string | undefined>>,
): boolean {
  return requirements.every(
    ({ field, operator, value }) => ((fields[field] ?? "") === value) === (operator === "="),
  );
}
