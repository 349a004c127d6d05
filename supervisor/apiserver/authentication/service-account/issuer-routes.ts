/** What those who check tokens themselves need (kubernetes `pkg/routes/openidmetadata.go`). */
import type { Hono } from "hono";
import { fixedResponse } from "../../../base/http/fixed-response.ts";
import type { TokenKeys } from "../../../base/pki/token-keys.ts";
import { responseHeaders } from "../../response/api-response.ts";
import type { RouteEnvironment } from "../../routes/path-routes.ts";

const keysPath = "/openid/v1/jwks";
const cacheControl = "public, max-age=3600";

export interface IssuerRoutesOptions {
  readonly keys: TokenKeys;
  readonly issuer: string;
  /** Where clients reach the server, `host:port`. */
  readonly serverAddress: string;
}

export function addIssuerRoutes(app: Hono<RouteEnvironment>, options: IssuerRoutesOptions): void {
  const { keys, issuer, serverAddress } = options;
  const discovery = JSON.stringify({
    issuer,
    jwks_uri: `https://${serverAddress}${keysPath}`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: keys.algorithms,
  });
  const answer = (env: RouteEnvironment["Bindings"], text: string, type: string): Response => {
    const headers = { ...responseHeaders(env.context, type), "cache-control": cacheControl };
    return fixedResponse(text, { status: 200, headers });
  };
  app.get("/.well-known/openid-configuration", ({ env }) => answer(env, discovery, "application/json"));
  app.get(keysPath, ({ env }) => answer(env, JSON.stringify(keys.keySet()), "application/jwk-set+json"));
}
