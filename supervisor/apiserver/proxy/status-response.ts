import type { ApiError } from "../../apimachinery/errors.ts";
import { fixedResponse } from "../../base/http/fixed-response.ts";

/** The answer that tells of an API error. */
export function statusResponse(error: ApiError): Response {
  const headers: Record<string, string> = { "content-type": "application/json" };
  const retryAfter = error.status.details?.retryAfterSeconds;
  if (retryAfter !== undefined) headers["retry-after"] = String(retryAfter);
  return fixedResponse(`${JSON.stringify(error.status)}\n`, { status: error.code, headers });
}
