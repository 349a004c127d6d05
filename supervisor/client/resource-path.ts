import type { GroupVersionResource, ListOptions } from "./types.ts";

/** The path of a collection or of one object: `/api/v1/namespaces/default/pods/web/log`. */
export function resourcePath(
  resource: GroupVersionResource,
  namespace?: string,
  name?: string,
  subresource?: string,
): string {
  const root =
    resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const parts = [root];
  if (namespace !== undefined) parts.push("namespaces", encodeURIComponent(namespace));
  parts.push(resource.resource);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(subresource);
  return parts.join("/");
}

/** The query of a list, a watch or a deletecollection, with its `?`; empty where nothing is asked. */
export function selectionQuery(
  options: Omit<ListOptions, "signal"> & { readonly timeoutSeconds?: number },
  extra: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams(extra);
  if (options.labelSelector) query.set("labelSelector", options.labelSelector);
  if (options.fieldSelector) query.set("fieldSelector", options.fieldSelector);
  if (options.limit !== undefined) query.set("limit", String(options.limit));
  if (options.continue) query.set("continue", options.continue);
  if (options.resourceVersion !== undefined) query.set("resourceVersion", options.resourceVersion);
  if (options.timeoutSeconds !== undefined) query.set("timeoutSeconds", String(options.timeoutSeconds));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
