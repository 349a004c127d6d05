import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import packedPath from "./generated/descriptions.br" with { type: "file" };

/** What people are told of the API's models and parameters. */
export interface Descriptions {
  /** By model: its own text, and those of its fields. */
  readonly models: Readonly<Record<string, readonly [own: string, fields: Readonly<Record<string, string>>]>>;
  /** By the kind of request, such as `List` and `PodExec`: the texts of its parameters. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Reads all descriptions, some hundred kilobytes of text: for use at once, not to be kept. */
export function readDescriptions(): Descriptions {
  // The generator has written these.
  return JSON.parse(brotliDecompressSync(readFileSync(packedPath)).toString("utf8")) as Descriptions;
}
