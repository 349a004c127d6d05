/** The paths that are no resources: health, version, discovery. */
import type { Context, Hono } from "hono";
import { fixedResponse } from "../../base/http/fixed-response.ts";
import { versionInfo } from "../../base/version.ts";
import type { Aggregation } from "../aggregation/aggregation.ts";
import {
  aggregatedMediaType,
  discoveryText,
  isAggregatedDiscovery,
} from "../discovery/aggregated-discovery.ts";
import {
  coreVersions,
  type Discovered,
  groupDocument,
  groupList,
  resourceList,
  rootPaths,
} from "../discovery/discovery.ts";
import { type HealthCheck, healthResponse } from "../health/health.ts";
import { isNotModified } from "../negotiation/not-modified.ts";
import {
  documentRules,
  negotiateOutput,
  type OutputFormat,
  type OutputRules,
  plainJson,
} from "../negotiation/output-format.ts";
import type { OpenApi } from "../openapi/open-api.ts";
import type { RequestContext } from "../request-context.ts";
import type { ResourceIndex } from "../resource-index.ts";
import { textResponse } from "../response/api-response.ts";
import { PageNotFoundError } from "../response/page-not-found.ts";

export interface PathRoutesOptions {
  readonly index: ResourceIndex;
  /** Other servers of the cluster that serve a part of the API. */
  readonly aggregation: Aggregation;
  readonly healthChecks: readonly HealthCheck[];
  readonly openApi: OpenApi;
  /** Where clients reach the server, `host:port`. */
  readonly serverAddress: string;
}

/** What Hono hands to a route: the request's own context, made before the routing. */
export interface RouteEnvironment {
  readonly Bindings: { readonly context: RequestContext };
}

type RouteContext = Context<RouteEnvironment>;

function json(route: RouteContext, document: object | undefined): Promise<Response> {
  if (document === undefined) throw new PageNotFoundError();
  const { context } = route.env;
  const format = negotiateOutput(context.request.headers.get("accept"), documentRules);
  return textResponse(context, 200, format, JSON.stringify(document));
}

const discoveryRules: OutputRules = {
  allows: (format) => isPlain(format) || isAggregatedDiscovery(format),
  supported: documentRules.supported,
};

function isPlain(format: OutputFormat): boolean {
  return format.as === "";
}

/** Discovery of the core group or of the others: whole where the client knows that form. */
function discovery(
  route: RouteContext,
  discovered: Discovered,
  part: "core" | "groups",
  old: object,
): Promise<Response> | Response {
  const { context } = route.env;
  const accept = context.request.headers.get("accept");
  const format = negotiateOutput(accept, discoveryRules);
  if (isPlain(format)) return textResponse(context, 200, format, JSON.stringify(old));
  const { text, etag } = discoveryText(discovered, part);
  const headers = { etag: `"${etag}"`, vary: "Accept", "cache-control": "public" };
  if (isNotModified(context.request, etag)) return fixedResponse("", { status: 304, headers });
  return textResponse(context, 200, format, text, { contentType: aggregatedMediaType, headers });
}

/** A document that is JSON whatever the client accepts. */
function plain(route: RouteContext, document: object): Promise<Response> {
  return textResponse(route.env.context, 200, plainJson, JSON.stringify(document));
}

function parameter(route: RouteContext, name: string): string {
  return route.req.param(name) ?? "";
}

export function addPathRoutes(app: Hono<RouteEnvironment>, options: PathRoutesOptions): void {
  const { index, aggregation, openApi, healthChecks, serverAddress } = options;
  const health = async (route: RouteContext): Promise<Response> => {
    const { info } = route.env.context;
    const response = await healthResponse(info.path, info.query, healthChecks);
    if (response === undefined) throw new PageNotFoundError();
    return response;
  };
  for (const endpoint of ["/healthz", "/livez", "/readyz"]) {
    app.get(endpoint, health);
    app.get(`${endpoint}/:check`, health);
  }
  /** With a slash at the end a path is the same. */
  const get = (path: string, answer: (route: RouteContext) => Promise<Response> | Response): void => {
    app.get(path, answer);
    app.get(`${path}/`, answer);
  };
  app.get("/", (route) => plain(route, rootPaths(aggregation)));
  get("/version", (route) => plain(route, versionInfo));
  get("/api", (route) => discovery(route, aggregation, "core", coreVersions(serverAddress)));
  get("/apis", (route) => discovery(route, aggregation, "groups", groupList(aggregation)));
  get("/api/:version", (route) => json(route, resourceList(index, "", parameter(route, "version"))));
  get("/apis/:group", (route) => json(route, groupDocument(aggregation, parameter(route, "group"))));
  get("/apis/:group/:version", (route) =>
    json(route, resourceList(index, parameter(route, "group"), parameter(route, "version"))),
  );
  app.get("/openapi/v2", (route) => openApi.v2(route.env.context));
  app.get("/openapi/v3", (route) => openApi.index(route.env.context));
  app.get("/openapi/v3/*", (route) => {
    const { context } = route.env;
    return openApi.v3(context, context.info.path.slice("/openapi/v3/".length));
  });
}
