/** How objects are read in one version of a CustomResourceDefinition: everything that is made of its schema, once. */
import { decodeMetadata } from "../../api/apiextensions/v1/decode-metadata.ts";
import type {
  V1CustomResourceDefinition,
  V1CustomResourceDefinitionVersion,
  V1JSONSchemaProps,
} from "../../api/generated/types.ts";
import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import { TypeMismatchError } from "../../apimachinery/schema/decode.ts";
import { decodeEmbedded, EmbeddedObjectError } from "../../apimachinery/structural/embedded-objects.ts";
import type { JsonSchema } from "../../apimachinery/structural/json-schema.ts";
import { pruneUnknown } from "../../apimachinery/structural/prune.ts";
import { pruneNulls, setDefaults } from "../../apimachinery/structural/set-defaults.ts";
import { type Structural, structuralOf } from "../../apimachinery/structural/structural.ts";

export type Definition = V1CustomResourceDefinition;

export class CustomVersion {
  readonly name: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly props: V1JSONSchemaProps;
  readonly schema: JsonSchema;
  #structural: Structural | undefined;
  readonly preservesUnknownFields: boolean;

  constructor(
    definition: Definition,
    readonly version: V1CustomResourceDefinitionVersion,
  ) {
    const { spec, status } = definition;
    this.name = version.name;
    this.apiVersion = `${spec.group}/${version.name}`;
    this.kind = status?.acceptedNames?.kind ?? spec.names.kind;
    this.props = version.schema?.openAPIV3Schema ?? {};
    // Decoding and the defaults have checked the schema.
    this.schema = this.props as JsonSchema;
    this.preservesUnknownFields = spec.preserveUnknownFields ?? false;
  }

  /** Made when the first object comes: a server with many definitions is ready as soon as one with none. */
  get structural(): Structural {
    this.#structural ??= structuralOf(this.schema);
    return this.#structural;
  }

  /**
   * Brings a body to the API's form in place (apiextensions-apiserver `unstructuredSchemaCoercer`), and returns the paths
   * of the fields that were dropped. Throws a `TypeMismatchError`.
   */
  decode(object: JsonObject): readonly string[] {
    const { kind, metadata } = object;
    if (kind === undefined || kind === "") {
      throw new TypeMismatchError(`Object 'Kind' is missing in '${JSON.stringify(object)}'`);
    }
    const dropped =
      metadata === undefined ? [] : decodeMetadata(metadata).map((field) => `metadata.${field}`);
    if (metadata === null) object.metadata = {};
    return [...dropped, ...this.#shape(object)];
  }

  /** Brings an object that is stored in this version, or was converted to it, to the form of requests, in place. */
  read(object: JsonObject): void {
    this.prune(object);
    this.setDefaults(object);
  }

  /** Drops what this version does not know, in place. */
  prune(object: JsonObject): void {
    if (this.preservesUnknownFields) return;
    pruneUnknown(object, this.structural, true);
    pruneNulls(object, this.structural);
  }

  setDefaults(object: JsonObject): void {
    setDefaults(object, this.structural);
  }

  #shape(object: JsonObject): readonly string[] {
    const dropped: string[] = [];
    if (!this.preservesUnknownFields) {
      dropped.push(...pruneUnknown(object, this.structural, true));
      pruneNulls(object, this.structural);
    }
    if (!this.structural.holds.embedded) return dropped;
    try {
      return [...dropped, ...decodeEmbedded(object, this.structural, decodeMetadata)];
    } catch (error) {
      if (error instanceof EmbeddedObjectError) throw new TypeMismatchError(error.message, { cause: error });
      throw error;
    }
  }
}
