/** The parts of OpenAPI documents, of both versions, that are made here. */
import type { JsonObject } from "../../apimachinery/json/json-value.ts";

export type OpenApiVersion = "v2" | "v3";

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A parameter as v2 writes it. */
export interface Parameter {
  readonly name: string;
  readonly in: "query" | "path" | "body";
  readonly description?: string;
  readonly required?: boolean;
  readonly type?: string;
  /** Of a body: its definition's name. */
  readonly definition?: string;
}

export interface Operation {
  /** In lower case. */
  readonly method: string;
  readonly description: string;
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly consumes?: readonly string[];
  readonly produces?: readonly string[];
  readonly parameters: readonly Parameter[];
  /** By status code: what it means, and the definition of its body; the empty text for plain text. */
  readonly responses: ReadonlyArray<readonly [code: number, description: string, definition?: string]>;
  readonly action?: string;
  readonly kind?: GroupVersionKind;
}

/** One path with its operations. */
export interface PathItem {
  readonly path: string;
  readonly operations: readonly Operation[];
}

export type Schema = JsonObject;
