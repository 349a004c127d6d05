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
 * made; a stream between the two, with its promises, would cost a watch as much again as its bytes do. The platform's
 * own is made when somebody looks at more than the status.
 */
class LiveResponse implements Partial<Response> {
  readonly #parts: LiveParts;
  #platform: Response | undefined;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  static partsOf(response: Response): LiveParts | undefined {
    if (!(#parts in response)) return undefined;
    return response.#platform === undefined ? response.#parts : undefined;
  }

  get status(): number {
    return this.#parts.status;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get headers(): Headers {
    return this.#response.headers;
  }

  get body(): Response["body"] {
    return this.#response.body;
  }

  get bodyUsed(): boolean {
    return this.#platform?.bodyUsed ?? false;
  }

  get statusText(): string {
    return "";
  }

  text(): Promise<string> {
    return this.#response.text();
  }

  clone(): Response {
    return this.#response.clone() as Response;
  }

  get #response(): Response {
    const { status, headers, source } = this.#parts;
    this.#platform ??= new Response(streamOf(source), { status, headers });
    return this.#platform;
  }
}
Object.setPrototypeOf(LiveResponse.prototype, Response.prototype);

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
  // What the class has not is inherited, and of no meaning here: type, url, redirected and the like.
  return new LiveResponse({ status: 200, headers, source }) as unknown as Response;
}

/** The parts of a {@link liveResponse}; undefined for others, and where somebody has looked into it. */
export const livePartsOf = LiveResponse.partsOf;
