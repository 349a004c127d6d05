import { newBadRequest } from "../../apimachinery/status-errors.ts";
import type { Subresource } from "../../registry/resource-definition.ts";
import { decodeObject } from "../negotiation/decode-object.ts";
import { readObject } from "../negotiation/read-body.ts";
import { type ResourceContext, strategyContext } from "../request-context.ts";
import { textResponse } from "../response/api-response.ts";
import { writeOptions } from "./request-options.ts";

/** A POST to a subresource that changes its object by another kind's body, as `binding` does. */
export async function actionHandler(
  context: ResourceContext,
  action: Extract<Subresource, { readonly type: "action" }>,
): Promise<Response> {
  const { info, store } = context;
  const options = writeOptions(info.query, "CreateOptions");
  const expected = { kind: action.kind, apiVersion: "v1", model: action.model };
  const { object: body, text } = await readObject(context.request, expected);
  const decoding = { validation: options.fieldValidation, text, warnings: context.warnings };
  const request = decodeObject(body, expected, decoding);
  if (request.metadata.name && request.metadata.name !== info.name) {
    throw newBadRequest("name in URL does not match name in Binding object");
  }
  const admission = { operation: "CREATE", context, object: request, dryRun: options.dryRun } as const;
  await context.admission.admit(admission);
  await context.admission.validate(admission);
  await store.update(info.namespace, info.name, options.dryRun, (existing) => {
    const object = store.codec.decode(existing);
    action.apply(object, request, strategyContext(context));
    return { action: "store", object };
  });
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
  return textResponse(context, 201, context.format, JSON.stringify(status));
}
