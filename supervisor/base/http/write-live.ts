import type { LiveSource } from "./live-response.ts";
import type { StreamWriter } from "./stream-writer.ts";

/** Parts as chunks of HTTP/1.1 (RFC 9112, section 7.1), each framed once for all who are sent it. */
const chunks = new WeakMap<Uint8Array, Buffer>();

const lastChunk = "0\r\n\r\n";

function chunkOf(part: Uint8Array): Buffer {
  const known = chunks.get(part);
  if (known !== undefined) return known;
  const prefix = Buffer.from(`${part.byteLength.toString(16)}\r\n`, "latin1");
  const chunk = Buffer.concat([prefix, part, Buffer.from("\r\n", "latin1")]);
  chunks.set(part, chunk);
  return chunk;
}

/**
 * Writes the body that a source makes, until it ends. Resolves then; rejects, and tells the source, when the signal
 * aborts or the reader takes nothing for too long.
 */
export function writeLive(
  writer: StreamWriter,
  source: LiveSource,
  chunked: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (error: unknown): void => {
    reject(error);
    source.cancel();
  };
  const aborted = (): Error => new Error("The request was aborted");
  const abort = (): void => fail(aborted());
  signal?.addEventListener("abort", abort, { once: true });
  let isDraining = false;
  let isOver = false;
  source.attach({
    write(part) {
      if (isOver || part.byteLength === 0) return 0;
      if (!writer.write(chunked ? chunkOf(part) : part) && !isDraining) {
        isDraining = true;
        writer.drained().then(() => {
          isDraining = false;
        }, fail);
      }
      return writer.pendingBytes;
    },
    drained: () => writer.drained().catch(fail),
    end() {
      if (isOver) return;
      isOver = true;
      signal?.removeEventListener("abort", abort);
      // The source may have heard of it first.
      if (signal?.aborted) return reject(aborted());
      if (chunked) writer.write(lastChunk);
      resolve();
    },
  });
  if (signal?.aborted) abort();
  return promise;
}
