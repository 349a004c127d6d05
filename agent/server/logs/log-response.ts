import type { ContainerLogFile } from "../pod-streams.ts";
import type { LogOptions } from "./log-options.ts";
import { readLog } from "./read-log.ts";

/** A log as the body of an answer: read as it is taken, and left when the client leaves. */
export function logResponse(log: ContainerLogFile, options: LogOptions, signal: AbortSignal): Response {
  const leaving = new AbortController();
  const chunks = readLog(log, options, AbortSignal.any([signal, leaving.signal]));
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => leaving.abort(),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { "content-type": "text/plain; charset=utf-8" } });
}
