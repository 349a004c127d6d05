import { toApiError } from "../../../supervisor/client/response.ts";
import type { Transport, WatchEvent } from "../../../supervisor/client/types.ts";
import { decodeWatch } from "../../../supervisor/client/watch-stream.ts";
import { eventually } from "../../framework/eventually.ts";

/** Reads a watch in the background and keeps its events. */
export class WatchReader<T> {
  readonly events: WatchEvent<T>[] = [];
  readonly #stop: AbortController;
  /** How many events {@link next} has given out. */
  #taken = 0;
  #failure: unknown;
  #hasEnded = false;

  private constructor(body: ReadableStream<Uint8Array>, stop: AbortController) {
    this.#stop = stop;
    void this.#read(body);
  }

  static async open<T>(transport: Transport, path: string): Promise<WatchReader<T>> {
    const stop = new AbortController();
    const separator = path.includes("?") ? "&" : "?";
    const answer = await transport.fetch(`${path}${separator}watch=true`, { signal: stop.signal });
    if (!answer.ok) throw await toApiError(answer);
    if (answer.body === null) throw new Error(`The watch ${path} was answered without a body`);
    return new WatchReader<T>(answer.body, stop);
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    try {
      for await (const event of decodeWatch<T>(body, this.#stop.signal)) this.events.push(event);
    } catch (error) {
      this.#failure = error;
    }
    this.#hasEnded = true;
  }

  /** The next event that has not been given out yet. Throws what ended the watch, or that nothing came. */
  async next(timeoutMs = 10_000): Promise<WatchEvent<T>> {
    const event = await eventually("a watch has another event", timeoutMs, () => {
      const found = this.events[this.#taken];
      if (found === undefined && this.#failure !== undefined) throw this.#failure;
      if (found === undefined && this.#hasEnded) throw new Error("The watch has ended");
      return found;
    });
    this.#taken += 1;
    return event;
  }

  /** Goes on to the first event of this type whose object is such. */
  async until(
    type: WatchEvent<T>["type"],
    isWanted: (object: T) => boolean = () => true,
  ): Promise<WatchEvent<T>> {
    for (;;) {
      const event = await this.next();
      if (event.type === type && isWanted(event.object)) return event;
    }
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  stop(): void {
    this.#stop.abort();
  }
}
