import { additionalSchema, type JsonSchema } from "./json-schema.ts";

/** A path names no field of a schema. */
export class FieldPathError extends Error {
  override readonly name = "FieldPathError";
}

/** A path's parts: `.`, `[`, `]`, quoted texts and names. */
const tokenForm = /'(?:\\.|[^'\\])*'|[.[\]]|[^.[\]']+|'/g;

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The fields that a path such as `.spec['a.b']` names. Throws a {@link FieldPathError}. */
function fieldPathNames(path: string, allowsBrackets = true): readonly string[] {
  const tokens = path.match(tokenForm) ?? [];
  const names: string[] = [];
  for (let index = 0; index < tokens.length; ) {
    const token = tokens[index++] ?? "";
    const name = tokens[index++];
    if (token !== "." && token !== "[") throw new FieldPathError(`expected [ or . but got: ${token}`);
    if (token === "[" && !allowsBrackets) throw new FieldPathError("array notation is not allowed");
    if (name === undefined) throw new FieldPathError("unexpected end of JSON path");
    if (token === ".") {
      names.push(name);
      continue;
    }
    if (!/^'.*'$/s.test(name)) throw new FieldPathError(`expected single quoted string but got ${name}`);
    names.push(name.slice(1, -1).replace(/\\(.)/gs, (_whole, letter: string) => escapes[letter] ?? letter));
    const end = tokens[index++];
    if (end === undefined) throw new FieldPathError("unexpected end of JSON path");
    if (end !== "]") throw new FieldPathError(`expected ] but got ${end}`);
  }
  return names;
}

/** The schema of the field that a path names, such as `.spec['a.b']`. Throws a {@link FieldPathError}. */
export function schemaAtPath(schema: JsonSchema, path: string, allowsBrackets = true): JsonSchema {
  return followPath(schema, path, allowsBrackets).schema;
}

/** A path as errors write it: `spec.x`, `labels[a]`. Throws a {@link FieldPathError}. */
export function normalizedFieldPath(schema: JsonSchema, path: string): string {
  return followPath(schema, path, true).normalized;
}

function followPath(
  schema: JsonSchema,
  path: string,
  allowsBrackets: boolean,
): { readonly schema: JsonSchema; readonly normalized: string } {
  let found = schema;
  let normalized = "";
  for (const name of fieldPathNames(path, allowsBrackets)) {
    const { properties } = found;
    const inner =
      properties === undefined
        ? additionalSchema(found)
        : Object.hasOwn(properties, name)
          ? properties[name]
          : undefined;
    if (inner === undefined) throw new FieldPathError("does not refer to a valid field");
    found = inner;
    normalized += properties === undefined ? `[${name}]` : normalized === "" ? name : `.${name}`;
  }
  return { schema: found, normalized };
}
