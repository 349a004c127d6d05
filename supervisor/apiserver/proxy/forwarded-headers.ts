import { tokenProtocol } from "../../base/http/token-protocol.ts";

/** What a client says to the API server alone: who it is, and how it speaks with this hop. */
const notForwarded = new Set([
  "authorization",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * The headers that go on to a kubelet, a Pod or another server: all but those that identify the client here or belong to
 * its connection. Cookies go on, as upstream: they are of the page that is proxied, and nobody logs in here by one.
 */
export function forwardedHeaders(
  headers: Iterable<readonly [name: string, value: string]>,
): Array<readonly [name: string, value: string]> {
  const forwarded: Array<readonly [string, string]> = [];
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (notForwarded.has(key) || key.startsWith("impersonate-") || key.startsWith("x-remote-")) continue;
    if (key !== "sec-websocket-protocol") forwarded.push([name, value]);
    else forwarded.push([name, withoutBearer(value)]);
  }
  return forwarded;
}

/** Browsers carry their token as one of the protocols that they offer. */
function withoutBearer(protocols: string): string {
  return protocols
    .split(",")
    .map((protocol) => protocol.trim())
    .filter((protocol) => !protocol.startsWith(tokenProtocol))
    .join(", ");
}
