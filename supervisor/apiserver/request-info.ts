/** What a request asks for, read from its method and URL (kubernetes `apiserver/pkg/endpoints/request`). */
export type Verb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "update"
  | "patch"
  | "delete"
  | "deletecollection"
  /** Of no method: what it takes to act as somebody else. */
  | "impersonate"
  /** A method that no resource has. */
  | "other";

export interface ResourceRequestInfo {
  readonly isResource: true;
  readonly verb: Verb;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly group: string;
  readonly version: string;
  /** Empty for cluster-scoped resources and for all namespaces. */
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  /** Empty for collections. */
  readonly name: string;
  /** What follows a subresource in the path. */
  readonly rest: string;
}

interface PathRequestInfo {
  readonly isResource: false;
  /** The method in lower case. */
  readonly verb: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

export type RequestInfo = ResourceRequestInfo | PathRequestInfo;

/** Subresources whose answers are streams. */
const streams: ReadonlySet<string> = new Set(["log", "exec", "attach", "portforward", "proxy"]);

export function isStream(subresource: string): boolean {
  return streams.has(subresource);
}

/** Whether the answer may take as long as the client likes. */
export function isLongRunning(info: RequestInfo): boolean {
  return info.isResource && (info.verb === "watch" || isStream(info.subresource));
}

const itemVerbs: Readonly<Record<string, Verb>> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** What may stand after a namespace's own name without being a resource in it. */
const namespaceSubresources: ReadonlySet<string> = new Set(["status", "finalize"]);

const noQuery = new URLSearchParams();

/** Path and query of a URL, without the cost of a whole `URL`. */
function splitUrl(url: string): { readonly path: string; readonly query: URLSearchParams } {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return { path: "/", query: noQuery };
  const mark = url.indexOf("?", start);
  if (mark < 0) return { path: url.slice(start), query: noQuery };
  return { path: url.slice(start, mark), query: new URLSearchParams(url.slice(mark + 1)) };
}

function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export function requestInfo(method: string, url: string): RequestInfo {
  const { path, query } = splitUrl(url);
  const segments = path.split("/");
  const isCore = segments[1] === "api";
  const prefixLength = isCore ? 3 : 4;
  if ((!isCore && segments[1] !== "apis") || segments.length <= prefixLength) {
    return { isResource: false, verb: method.toLowerCase(), path, query };
  }
  const group = isCore ? "" : (segments[2] ?? "");
  const version = segments[prefixLength - 1] ?? "";
  const parts = segments.slice(prefixLength);
  const isOldWatch = parts[0] === "watch";
  if (isOldWatch) parts.shift();
  const target = resourceTarget(parts.map(decodeSegment));
  if (target === undefined) return { isResource: false, verb: method.toLowerCase(), path, query };
  const verb = verbOf(method, target.name, query, isOldWatch);
  const name =
    target.name === "" && (verb === "list" || verb === "watch") ? selectedName(query) : target.name;
  return { isResource: true, path, query, group, version, ...target, verb, name };
}

interface Target {
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  readonly rest: string;
}

function resourceTarget(parts: readonly string[]): Target | undefined {
  const [first = "", second = "", third = ""] = parts;
  if (first === "") return undefined;
  const inNamespace = first === "namespaces" && third !== "" && !namespaceSubresources.has(third);
  const [resource = "", name = "", subresource = "", ...rest] = inNamespace ? parts.slice(2) : parts;
  const namespace = first === "namespaces" ? second : "";
  return { namespace, resource, name, subresource, rest: rest.join("/") };
}

function verbOf(method: string, name: string, query: URLSearchParams, isOldWatch: boolean): Verb {
  const verb = itemVerbs[method] ?? "other";
  if (verb === "get" && (isOldWatch || (name === "" && isTrue(query.get("watch"))))) return "watch";
  if (name !== "") return verb;
  if (verb === "get") return "list";
  return verb === "delete" ? "deletecollection" : verb;
}

/** A flag as clients write it: `watch=true`, `watch=1`, and plain `watch`. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== "false" && value !== "0";
}

/** The name that a field selector pins a collection to, which authorization looks at. */
function selectedName(query: URLSearchParams): string {
  const selector = query.get("fieldSelector");
  if (selector === null) return "";
  return /(?:^|,)metadata\.name==?([^,=!\\]+)(?:,|$)/.exec(selector)?.[1] ?? "";
}
