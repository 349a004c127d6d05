/** Reads the struct types of a Go package of the API: their fields with tags and marks. For `generate-go-facts.ts`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commentText } from "./comment-text.ts";

export interface GoField {
  /** Empty for an embedded struct whose fields JSON has inlined. */
  readonly jsonName: string;
  /** As it is written: `*int32`, `[]Container`, `metav1.Time`. */
  readonly type: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly marks: URLSearchParams;
  /** What people are told of it. */
  readonly text: string;
}

export interface GoPackage {
  readonly structs: ReadonlyMap<string, readonly GoField[]>;
  readonly structMarks: ReadonlyMap<string, URLSearchParams>;
  readonly structTexts: ReadonlyMap<string, string>;
  /** The values of the string types that are marked as enumerations. */
  readonly enums: ReadonlyMap<string, readonly string[]>;
  /** Types that are lists under a name of their own. */
  readonly namedLists: ReadonlySet<string>;
}

const tagPattern = /(\w+):"((?:[^"\\]|\\.)*)"/g;
const fieldPattern = /^\t(?:(\w+)\s+)?([*\w.[\]]+)\s+`(.*)`/;

function marksOf(comments: readonly string[]): URLSearchParams {
  const marks = new URLSearchParams();
  for (const comment of comments) {
    const match = /^\+(\w+)(?:=(.*))?$/.exec(comment.trim());
    if (match) marks.append(match[1] ?? "", match[2] ?? "");
  }
  return marks;
}

function fieldOf(line: string, comments: readonly string[]): GoField | undefined {
  const match = fieldPattern.exec(line);
  if (match === null) return undefined;
  const [, , type = "", tagText = ""] = match;
  const tags = new Map(
    Array.from(tagText.matchAll(tagPattern), ([, name = "", value = ""]) => [name, value] as const),
  );
  const jsonName = (tags.get("json") ?? "").split(",")[0] ?? "";
  return { jsonName, type, tags, marks: marksOf(comments), text: commentText(comments) };
}

/** Reads line after line, with the comment that stands before each. */
class PackageReader implements GoPackage {
  readonly structs = new Map<string, GoField[]>();
  readonly structMarks = new Map<string, URLSearchParams>();
  readonly structTexts = new Map<string, string>();
  readonly namedLists = new Set<string>();
  readonly #enumTypes = new Set<string>();
  readonly #constants = new Map<string, string[]>();
  #struct: GoField[] | undefined;
  #comments: string[] = [];

  line(line: string): void {
    const comment = /^\s*\/\/(.*)$/.exec(line)?.[1];
    if (comment !== undefined) {
      this.#comments.push(comment);
      return;
    }
    if (this.#struct !== undefined) this.#inStruct(line, this.#struct);
    else this.#outside(line);
    this.#comments = [];
  }

  #inStruct(line: string, fields: GoField[]): void {
    if (line.startsWith("}")) this.#struct = undefined;
    const field = fieldOf(line, this.#comments);
    if (field !== undefined) fields.push(field);
  }

  #outside(line: string): void {
    const struct = /^type (\w+) struct \{$/.exec(line)?.[1];
    if (struct !== undefined) {
      this.#struct = [];
      this.structs.set(struct, this.#struct);
      this.structMarks.set(struct, marksOf(this.#comments));
      this.structTexts.set(struct, commentText(this.#comments));
      return;
    }
    const list = /^type (\w+) \[\]/.exec(line)?.[1];
    if (list !== undefined) this.namedLists.add(list);
    const text = /^type (\w+) string$/.exec(line)?.[1];
    if (text !== undefined && marksOf(this.#comments).has("enum")) this.#enumTypes.add(text);
    const [, type, value = ""] = /^(?:\t|const )\w+\s+(\w+)\s*=\s*"([^"]*)"/.exec(line) ?? [];
    if (type !== undefined) this.#constants.set(type, [...(this.#constants.get(type) ?? []), value]);
  }

  get enums(): ReadonlyMap<string, readonly string[]> {
    return new Map(
      Array.from(this.#enumTypes, (type) => [type, (this.#constants.get(type) ?? []).toSorted()]),
    );
  }
}

export function readGoPackage(folder: string): GoPackage {
  const reader = new PackageReader();
  const files = readdirSync(folder).filter(
    (name) => name.endsWith(".go") && !/^zz_|_test|generated/.test(name),
  );
  for (const file of files.sort()) {
    for (const line of readFileSync(join(folder, file), "utf8").split("\n")) reader.line(line);
  }
  return reader;
}
