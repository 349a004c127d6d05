import { newBadRequest, newTimeout } from "../../apimachinery/status-errors.ts";
import type { Clock } from "../../base/clock.ts";
import { parseDuration } from "../../base/duration.ts";
import type { ConnectionInfo } from "../../base/http/connection-info.ts";
import { isLongRunning, type RequestInfo } from "../request-info.ts";

/** How long an answer may take at most, unless it is a watch or a stream: as upstream. */
const maxTimeoutMs = 60_000;

/** How long the answer may take: what the client says by `timeout`, within the limit. Throws BadRequest. */
export function requestTimeoutMs({ query }: RequestInfo): number {
  const asked = query.size === 0 ? null : query.get("timeout");
  if (asked === null || asked === "") return maxTimeoutMs;
  try {
    return Math.min(parseDuration(asked) || maxTimeoutMs, maxTimeoutMs);
  } catch {
    const why = `time: invalid duration ${JSON.stringify(asked)}`;
    throw newBadRequest(`invalid timeout specified in the request URL - ${why}`);
  }
}

/** Rejects with a time-out where the answer takes too long; the work may still be completed. */
export async function inTime(
  answer: Promise<Response> | Response,
  timeoutMs: number,
  clock: Clock,
): Promise<Response> {
  if (!(answer instanceof Promise)) return answer;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(timeoutMs, () => {
    reject(newTimeout("request did not complete within the allotted timeout"));
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
  }
}

/** Ends when the client leaves, and when the answer would come too late. */
export function requestLife({ signal }: ConnectionInfo, info: RequestInfo): AbortSignal {
  if (isLongRunning(info)) return signal;
  return AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs(info))]);
}
