import type { Clock } from "../../../supervisor/base/clock.ts";
import { ImageError } from "../image-service.ts";
import { connectionError } from "./connection-error.ts";
import type { RegistryTls } from "./registry-hosts.ts";

export type Fetch = (url: string, init: BunFetchRequestInit) => Promise<Response>;

/** An answer whose body can be read once. */
export interface RegistryResponse {
  readonly status: number;
  readonly headers: Headers;
  /** The body's chunks. Throws `unavailable` when nothing comes for too long. */
  chunks(): AsyncGenerator<Uint8Array, void, void>;
  /** The body as text. Throws `invalid-image` when it is longer than `limitBytes`. */
  text(limitBytes: number): Promise<string>;
  /** Lets go of the body. */
  discard(): Promise<void>;
}

export interface SendOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly stallTimeoutMs: number;
  readonly clock: Clock;
  readonly tls?: RegistryTls;
}

/**
 * Sends one GET without following redirects. Throws `unavailable` when no answer comes, also when none comes in time;
 * the signal's reason when it aborts.
 */
export async function sendRequest(
  fetch: Fetch,
  url: string,
  options: SendOptions,
): Promise<RegistryResponse> {
  const { signal, headers, tls } = options;
  const guard = new StallGuard(options, new URL(url).host);
  let response: Response;
  try {
    response = await fetch(url, {
      headers,
      redirect: "manual",
      signal: guard.signal,
      ...(tls && { tls }),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw connectionError(error, guard.host);
  } finally {
    guard.rest();
  }
  return guardedResponse(response, guard);
}

function guardedResponse(response: Response, guard: StallGuard): RegistryResponse {
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    if (response.body === null) return;
    try {
      guard.watch();
      for await (const chunk of response.body) {
        guard.rest();
        yield chunk;
        guard.watch();
      }
    } catch (error) {
      guard.caller.throwIfAborted();
      throw connectionError(error, guard.host);
    } finally {
      guard.rest();
    }
  }
  return {
    status: response.status,
    headers: response.headers,
    chunks,
    async text(limitBytes) {
      const parts: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of chunks()) {
        length += chunk.length;
        if (length > limitBytes) {
          throw new ImageError("invalid-image", `registry sends a document of more than ${limitBytes} bytes`);
        }
        parts.push(chunk);
      }
      return Buffer.concat(parts).toString("utf8");
    },
    async discard() {
      await response.body?.cancel();
    },
  };
}

/** Aborts a request while it is watched and nothing comes: the time that its reader takes does not count. */
class StallGuard {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly caller: AbortSignal;
  readonly host: string;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  #cancel = (): void => {};

  constructor({ stallTimeoutMs, clock, signal }: SendOptions, host: string) {
    this.#timeoutMs = stallTimeoutMs;
    this.#clock = clock;
    this.host = host;
    this.caller = signal;
    this.signal = AbortSignal.any([signal, this.#controller.signal]);
    this.watch();
  }

  watch(): void {
    this.#cancel = this.#clock.after(this.#timeoutMs, () => {
      const message = `registry ${this.host} sent nothing for ${this.#timeoutMs / 1000} s`;
      this.#controller.abort(new ImageError("unavailable", message));
    });
  }

  rest(): void {
    this.#cancel();
  }
}
