import type { ResourceContext } from "../request-context.ts";
import { storedResponse } from "../response/object-response.ts";
import { requireResourceVersion } from "./list-options.ts";

export async function getHandler(context: ResourceContext): Promise<Response> {
  const { namespace, name, query } = context.info;
  if (query.size > 0) requireResourceVersion(query.get("resourceVersion"), context.store.backend);
  return storedResponse(context, 200, await context.store.get(namespace, name));
}
