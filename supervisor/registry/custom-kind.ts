/** What a kind without a model of ours is: a version of a CustomResourceDefinition. */
import type { V1JSONSchemaProps } from "../api/generated/types.ts";
import type { JsonObject } from "../apimachinery/json/json-value.ts";

/** Stands where built-in kinds have a model in the schema tables: {@link ResourceDefinition.custom}. */
export interface CustomKind {
  /**
   * The root schema of this version as its CustomResourceDefinition has it, for documents (OpenAPI) and for server-side
   * apply; `metadata`, `kind` and `apiVersion` in it say nothing: they are every object's own. Nobody may change it.
   */
  readonly schema: V1JSONSchemaProps;
  /** The kind of lists, which a definition may name freely. */
  readonly listKind: string;
  /** The version in which objects are stored. */
  readonly storageVersion: string;
  /** Whether fields that the schema does not know are kept everywhere (the old `spec.preserveUnknownFields`). */
  readonly preservesUnknownFields: boolean;
  /** What clients of a deprecated version are told. */
  readonly deprecationWarning?: string;
  /**
   * Brings a body to the API's form in place: `metadata` is typed, unknown fields and nulls are dropped. Defaults are
   * not set. Returns the paths of the fields that were dropped. Throws a `TypeMismatchError` or an error of a scalar.
   */
  decode(object: JsonObject): readonly string[];
  /** Where objects have the number that their scale shows: `.spec.replicas`; absent without a scale. */
  readonly replicasPath?: string;
  /** All versions of the kind's definition, this one among them. */
  readonly versions: CustomVersions;
}

/** The versions that a CustomResourceDefinition names, whether they are served or not, by their `apiVersion`. */
export interface CustomVersions {
  /** Undefined for a version that the definition does not name. */
  get(apiVersion: string): CustomKind | undefined;
  /**
   * An object in another version, as the definition's conversion makes it: no defaults are set, and nothing is dropped.
   * The object given may be changed. A promise where a webhook has to be asked. Throws InternalError.
   */
  convert(object: JsonObject, apiVersion: string): JsonObject | Promise<JsonObject>;
}
