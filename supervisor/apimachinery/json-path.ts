/**
 * The paths by which printer columns and field selectors find values (client-go `util/jsonpath`, without its templates):
 * `.a.b`, `['a.b']`, `[0]`, `[-1]`, `[1:3]`, `[*]`, `..a` and `[?(@.type=="Ready")]`.
 */
import { isJsonObject, type JsonValue } from "./json/json-value.ts";

/** A text is no path. */
export class JsonPathError extends Error {
  override readonly name = "JsonPathError";
}

type Step = (values: readonly JsonValue[]) => readonly JsonValue[];

/** What comes next in a path: a field, all fields, a descent, or brackets with their content. */
const stepForm =
  /\.\.(?=[^.[])|\.?\*|\.((?:\\.|[^.[\\])+)|\.?\[((?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\]'"])*)\]|\.$/y;

/** The values that a path finds, in order. Throws a {@link JsonPathError}. */
export function compileJsonPath(path: string): (value: JsonValue) => readonly JsonValue[] {
  const steps = parseSteps(path);
  return (value) => {
    let values: readonly JsonValue[] = [value];
    for (const step of steps) values = step(values);
    return values;
  };
}

function parseSteps(path: string): readonly Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < path.length; ) {
    stepForm.lastIndex = at;
    const match = stepForm.exec(path);
    if (match === null)
      throw new JsonPathError(`unrecognized character in ${JSON.stringify(path.slice(at))}`);
    const [text, field, bracket] = match;
    if (bracket !== undefined) steps.push(bracketStep(bracket.trim()));
    else if (field !== undefined) steps.push(fieldStep(field.replace(/\\(.)/g, "$1")));
    else if (text === "..") {
      const rest = /^[^.[]+/.exec(path.slice(at + 2))?.[0] ?? "";
      steps.push(descentStep(rest));
      at += rest.length;
    } else if (text.endsWith("*")) steps.push((values) => values.flatMap(children));
    at += text.length;
  }
  return steps;
}

function children(value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value).filter((inner) => inner !== undefined) : [];
}

function fieldStep(name: string): Step {
  return (values) =>
    values.flatMap((value) => {
      const inner = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
      return inner === undefined ? [] : [inner];
    });
}

function descentStep(name: string): Step {
  const field = fieldStep(name);
  const descend = (value: JsonValue): readonly JsonValue[] => [
    ...field([value]),
    ...children(value).flatMap(descend),
  ];
  return (values) => values.flatMap(descend);
}

const sliceForm = /^(-?\d+)?(?::(-?\d+)?)?$/;
const filterForm = /^\?\(\s*@((?:\.[^=!<>\s)]+|\[[^\]]*\])*)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*\)$/s;

function bracketStep(content: string): Step {
  if (content === "*") return (values) => values.flatMap(children);
  if (/^(?:'.*'|".*")$/s.test(content)) return fieldStep(unquote(content));
  const filter = filterForm.exec(content);
  if (filter !== null) return filterStep(filter[1] ?? "", filter[2], filter[3]);
  const slice = sliceForm.exec(content);
  if (slice === null) throw new JsonPathError(`invalid array index ${content}`);
  return sliceStep(slice[1], content.includes(":"), slice[2]);
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, "$1");
}

function sliceStep(from: string | undefined, isRange: boolean, to: string | undefined): Step {
  const start = Number(from ?? 0);
  return (values) =>
    values.flatMap((value) => {
      if (!Array.isArray(value)) return [];
      if (isRange) return value.slice(start, to === undefined ? undefined : Number(to));
      const item = value.at(start);
      return item === undefined ? [] : [item];
    });
}

function filterStep(path: string, operator: string | undefined, text: string | undefined): Step {
  const find = compileJsonPath(path);
  const wanted = text === undefined ? undefined : literal(text);
  const holds = (item: JsonValue): boolean => {
    const [found] = find(item);
    if (found === undefined) return false;
    return operator === undefined || wanted === undefined || compare(found, operator, wanted);
  };
  return (values) => values.flatMap((value) => (Array.isArray(value) ? value.filter(holds) : []));
}

function literal(text: string): JsonValue {
  if (/^'.*'$/s.test(text)) return unquote(text);
  try {
    // A literal is JSON.
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new JsonPathError(`unrecognized literal ${text}`);
  }
}

function compare(left: JsonValue, operator: string, right: JsonValue): boolean {
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  if (typeof left !== typeof right || left === null || right === null) return false;
  if (operator === "<") return left < right;
  if (operator === ">") return left > right;
  return operator === "<=" ? left <= right : left >= right;
}
