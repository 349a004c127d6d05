import { ApiError, type Status } from "../apimachinery/errors.ts";
import type { WatchEvent } from "./types.ts";

/** No object is longer: an API server takes at most 3 MiB. */
const maxLineBytes = 16 * 1024 * 1024;

/**
 * Reads a watch's body: one JSON event a line. Ends when the body does or the signal aborts; throws an `ApiError` for
 * an ERROR event, and an error for a line that is too long or no event.
 */
export async function* decodeWatch<T>(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  limitBytes = maxLineBytes,
): AsyncGenerator<WatchEvent<T>> {
  for await (const line of splitLines(body, signal, limitBytes)) yield parseEvent<T>(line);
}

function parseEvent<T>(line: string): WatchEvent<T> {
  let event: { readonly type?: unknown; readonly object?: unknown };
  try {
    event = JSON.parse(line);
  } catch (error) {
    throw new Error(`A watch event is not JSON: ${line.slice(0, 100)}`, { cause: error });
  }
  // An ERROR event's object is a Status, any other's is of the watched type.
  if (event.type === "ERROR") throw new ApiError(event.object as Status);
  return event as WatchEvent<T>;
}

async function* splitLines(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  limitBytes: number,
): AsyncGenerator<string> {
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => {});
  if (signal.aborted) return cancel();
  signal.addEventListener("abort", cancel, { once: true });
  const decoder = new TextDecoder();
  let pending = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return;
      const lines = decoder.decode(value, { stream: true }).split("\n");
      lines[0] = pending + lines[0];
      pending = lines.pop() ?? "";
      if (pending.length > limitBytes) throw new Error(`A watch event is longer than ${limitBytes} bytes`);
      for (const line of lines) if (line !== "") yield line;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}
