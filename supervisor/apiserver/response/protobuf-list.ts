import { apiEncoder } from "../../api/message-set.ts";
import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { encodeField, envelopeEnd, envelopeHead } from "../../apimachinery/protobuf/envelope.ts";
import { apiVersionOf } from "../../registry/resource-definition.ts";
import type { KeyValue } from "../../storage/backend.ts";
import { protobufMediaType } from "../negotiation/output-format.ts";
import type { ResourceContext } from "../request-context.ts";
import { bodyResponse } from "./api-response.ts";

/** How a list is written: each item, and the whole. */
export interface ListForm<T> {
  readonly item: (stored: KeyValue) => T;
  /** `metadata` is the JSON of the list's own. */
  readonly whole: (metadata: string, items: readonly T[]) => Promise<Response>;
}

/** Lists in protobuf, of objects or of what is known of each: metadata in field 1 and the items in field 2. */
export function protobufListForm(context: ResourceContext): ListForm<Uint8Array> {
  const { codec, definition } = context.store;
  const isPartial = context.format.as !== "";
  const model = isPartial ? "V1PartialObjectMetadata" : definition.model;
  const kind = isPartial ? "PartialObjectMetadataList" : `${definition.kind}List`;
  const apiVersion = isPartial ? `meta.k8s.io/${context.format.version}` : apiVersionOf(definition);
  return {
    item: (stored) => encodeField(apiEncoder, 2, model, asJson(codec.decode(stored))),
    whole: (metadata, items) => {
      const parts = [encodeField(apiEncoder, 1, "V1ListMeta", JSON.parse(metadata)), ...items];
      const contentBytes = parts.reduce((sum, { length }) => sum + length, 0);
      const body = Buffer.concat([envelopeHead({ kind, apiVersion }, contentBytes), ...parts, envelopeEnd]);
      return bodyResponse(context, 200, body, protobufMediaType);
    },
  };
}

/** Stored objects are JSON. */
function asJson(object: ApiObject): JsonObject {
  return object as unknown as JsonObject;
}
