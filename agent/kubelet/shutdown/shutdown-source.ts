/** Who tells that the box is about to be shut down, and waits a while for those who asked for that. */
export interface ShutdownSource {
  /** Makes sure that a shutdown waits so long for its inhibitors. Rejects where it does not. */
  allow(delayMs: number): Promise<void>;
  /** Holds the next shutdown up until the result is called. */
  inhibit(): Promise<() => void>;
  /** Gives true when a shutdown begins, false when it is called off. Ends with the signal; throws where nothing is told. */
  watch(signal: AbortSignal): AsyncIterable<boolean>;
}
