import type { HttpHandler } from "../base/http/http-options.ts";

const path = "/cacerts";

/** Answers `/cacerts` with the authority, for hosts that join and check it by their token. */
export function withAuthority(next: HttpHandler, caPem: string): HttpHandler {
  return (request, connection) => {
    // Most requests name it nowhere; parsing each one's URL would cost them all.
    const isAsked =
      request.method === "GET" && request.url.includes(path) && new URL(request.url).pathname === path;
    if (isAsked) return new Response(caPem, { headers: { "content-type": "application/x-pem-file" } });
    return next(request, connection);
  };
}
