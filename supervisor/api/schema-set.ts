import { SchemaSet } from "../apimachinery/schema/schema.ts";
import { schemas } from "./generated/schemas.ts";

/** The models of the whole API. */
export const apiSchemas = new SchemaSet(schemas);
