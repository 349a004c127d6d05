import { SchemaSet } from "../apimachinery/schema/schema.ts";
import { schemas } from "./generated/schemas.ts";

/** Kinds of meta/v1 that the client library has no models of. */
const metaSchemas = {
  V1PartialObjectMetadata: "apiVersion string;kind string;metadata V1ObjectMeta",
  V1PartialObjectMetadataList:
    "apiVersion string;items! []V1PartialObjectMetadata;kind string;metadata V1ListMeta",
};

/** The models of the whole API. */
export const apiSchemas = new SchemaSet({ ...schemas, ...metaSchemas });
