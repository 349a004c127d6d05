import { MessageEncoder } from "../apimachinery/protobuf/encode-message.ts";
import { MessageSet } from "../apimachinery/protobuf/message-schema.ts";
import { protobufFields } from "./generated/protobuf-fields.ts";
import { apiSchemas } from "./schema-set.ts";

const metaFields = {
  V1PartialObjectMetadata: "metadata=1",
  V1PartialObjectMetadataList: "metadata=1 items=2",
};

/** The protobuf messages of the API. */
export const apiMessages = new MessageSet({ ...protobufFields, ...metaFields }, apiSchemas);

/** Writes them. */
export const apiEncoder = new MessageEncoder(apiMessages);
