import { newUnauthorized } from "../../apimachinery/status-errors.ts";
import { tokenProtocol } from "../../base/http/token-protocol.ts";

/**
 * The token that a browser's WebSocket carries as one of its protocols (apiserver
 * `pkg/authentication/request/websocket`). Throws Unauthorized for one that cannot be read, for several, and where no
 * other protocol is left to answer with.
 */
export function webSocketToken(headers: Headers): string | undefined {
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") return undefined;
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const tokens = offered.filter((name) => name.startsWith(tokenProtocol));
  const [encoded] = tokens.map((name) => name.slice(tokenProtocol.length));
  if (encoded === undefined) return undefined;
  if (tokens.length > 1 || tokens.length === offered.length || !/^[A-Za-z0-9_-]*$/.test(encoded)) {
    throw newUnauthorized();
  }
  return Buffer.from(encoded, "base64url").toString("utf8") || undefined;
}
