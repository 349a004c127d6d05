import type { Context, Hono } from "hono";
import type { EncryptionStatus } from "../../storage/encryption/secrets-encryption.ts";
import { responseHeaders } from "../response/api-response.ts";
import type { RouteEnvironment } from "./path-routes.ts";

/** What administrators ask about the encryption of Secrets. */
export interface EncryptionAdministration {
  status(): Promise<EncryptionStatus>;
  rotate(): Promise<EncryptionStatus>;
}

/** `/pacific/v1/secrets-encryption`: GET tells how Secrets are encrypted, POST rotates the key. */
export function addSecretsEncryptionRoutes(
  app: Hono<RouteEnvironment>,
  encryption: EncryptionAdministration,
): void {
  const path = "/pacific/v1/secrets-encryption";
  const answer = (route: Context<RouteEnvironment>, status: EncryptionStatus): Response =>
    Response.json(status, { headers: responseHeaders(route.env.context, "application/json") });
  app.get(path, async (route) => answer(route, await encryption.status()));
  app.post(path, async (route) => answer(route, await encryption.rotate()));
}
