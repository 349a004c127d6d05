import { forbidden } from "../authorization/authorizer.ts";
import type { ResourceContext } from "../request-context.ts";
import { storedResponse } from "../response/object-response.ts";
import { requireResourceVersion } from "./list-options.ts";
import { isRequestedBy } from "./selection.ts";

export async function getHandler(context: ResourceContext): Promise<Response> {
  const { namespace, name, query } = context.info;
  if (query.size > 0) requireResourceVersion(query.get("resourceVersion"), context.store.backend);
  const stored = await context.store.get(namespace, name);
  const { requestedBy } = context;
  if (requestedBy !== undefined && !isRequestedBy(context.store.codec.decode(stored), requestedBy)) {
    throw forbidden(context.user, context.info, "");
  }
  return storedResponse(context, 200, stored);
}
