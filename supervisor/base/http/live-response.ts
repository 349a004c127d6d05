import { LazyResponse } from "./lazy-response.ts";

/** Takes the parts of a live response's body. */
export interface LiveSink {
  /** Sends a part; returns how many bytes wait for the reader then. */
  write(part: Uint8Array): number;
  /** Resolves when the reader takes more, or has left. */
  drained(): Promise<void>;
  /** No part follows. May be called more than once. */
  end(): void;
}

/** Makes the body of a live response. */
export interface LiveSource {
  /** Called once: parts go to the sink from now on. */
  attach(sink: LiveSink): void;
  /** The reader has left. May be called more than once. */
  cancel(): void;
}

interface LiveParts {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly source: LiveSource;
}

/**
 * A Response whose body comes in parts, at times of its own. The server hands each part to the connection as it is
 * made; a stream between the two, with its promises, would cost a watch as much again as its bytes do.
 */
class LiveResponse extends LazyResponse {
  readonly #parts: LiveParts;

  constructor(parts: LiveParts) {
    super(parts.status);
    this.#parts = parts;
  }

  static partsOf(response: Response): LiveParts | undefined {
    if (!(#parts in response)) return undefined;
    return response.isOpened ? undefined : response.#parts;
  }

  protected override make(): Response {
    const { status, headers, source } = this.#parts;
    return new Response(streamOf(source), { status, headers });
  }
}

function streamOf(source: LiveSource): ReadableStream<Uint8Array> {
  const size = (part: Uint8Array | undefined): number => part?.byteLength ?? 0;
  let wanted = Promise.withResolvers<void>();
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let isOver = false;
        source.attach({
          write(part) {
            if (!isOver) controller.enqueue(part);
            return -(controller.desiredSize ?? 0);
          },
          drained: () => wanted.promise,
          end() {
            if (isOver) return;
            isOver = true;
            try {
              controller.close();
            } catch {
              // Cancelled by its reader: there is nothing to close.
            }
          },
        });
      },
      pull() {
        wanted.resolve();
        wanted = Promise.withResolvers<void>();
      },
      cancel() {
        wanted.resolve();
        source.cancel();
      },
    },
    { highWaterMark: 0, size },
  );
}

/** A Response whose body the source makes in its own time. Header names are in lower case. */
export function liveResponse(source: LiveSource, headers: Readonly<Record<string, string>>): Response {
  // A Response to whoever looks: see LazyResponse.
  return new LiveResponse({ status: 200, headers, source }) as unknown as Response;
}

/** The parts of a {@link liveResponse}; undefined for others, and where somebody has looked into it. */
export const livePartsOf = LiveResponse.partsOf;
