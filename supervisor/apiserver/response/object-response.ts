/** Answers that hold one object, in the form that the client asked for. */
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { KeyValue } from "../../storage/backend.ts";
import type { ResourceContext } from "../request-context.ts";
import type { Written } from "../storage/object-store.ts";
import { textResponse } from "./api-response.ts";
import { partialMetadata } from "./partial-metadata.ts";
import { tableText } from "./table-text.ts";

export async function storedResponse(
  context: ResourceContext,
  status: number,
  stored: KeyValue,
): Promise<Response> {
  const { codec } = context.store;
  if (context.format.as === "") return textResponse(context, status, context.format, codec.text(stored));
  return objectResponse(context, status, codec.decode(stored));
}

async function objectResponse(
  context: ResourceContext,
  status: number,
  object: ApiObject,
): Promise<Response> {
  const { format, store } = context;
  if (format.as === "Table")
    return textResponse(
      context,
      status,
      format,
      tableText(context, [object], object.metadata.resourceVersion),
    );
  const json =
    format.as === ""
      ? store.codec.objectText(object)
      : JSON.stringify(partialMetadata(object, format.version));
  return textResponse(context, status, format, json);
}

/** The answer to a write. */
export async function writtenResponse(
  context: ResourceContext,
  status: number,
  written: Written,
): Promise<Response> {
  if (written.stored !== undefined) return storedResponse(context, status, written.stored);
  return objectResponse(context, status, written.object);
}
