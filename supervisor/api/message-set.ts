import { MessageSet } from "../apimachinery/protobuf/message-schema.ts";
import { protobufFields } from "./protobuf-fields.ts";
import { apiSchemas } from "./schema-set.ts";

/** The protobuf messages of the API. */
export const apiMessages = new MessageSet(protobufFields, apiSchemas);
