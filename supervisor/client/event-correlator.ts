/** An event before it is counted. */
export interface EventDraft {
  readonly objectKey: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** What becomes of an event: nothing, or a record under `key`, the n-th of its kind. */
export interface Correlation {
  readonly key: string;
  readonly message: string;
}

interface Bucket {
  tokens: number;
  refilledAt: number;
}

interface Similar {
  readonly messages: Set<string>;
  lastAt: number;
}

/** The figures of client-go's `EventCorrelator`. */
const maxKeys = 4096;
const burst = 25;
const refillMs = 300_000;
const similarLimit = 10;
const similarWindowMs = 600_000;

/**
 * Holds a flood of events back, by client-go's rules: an object gets 25 events at once and one more every five
 * minutes; more than ten of one reason that differ only in their message within ten minutes become one that is counted.
 */
export class EventCorrelator {
  readonly #buckets = new Map<string, Bucket>();
  readonly #similar = new Map<string, Similar>();

  /** Where the event belongs; undefined where it is one too many. */
  correlate(draft: EventDraft, nowMs: number): Correlation | undefined {
    const kind = `${draft.objectKey}\n${draft.type}\n${draft.reason}`;
    const combined = this.#isOneOfMany(kind, draft.message, nowMs);
    if (!this.#spend(draft.objectKey, nowMs)) return undefined;
    if (combined) {
      return { key: kind, message: `(combined from similar events): ${draft.message}` };
    }
    return { key: `${kind}\n${draft.message}`, message: draft.message };
  }

  #isOneOfMany(kind: string, message: string, nowMs: number): boolean {
    const known = this.#similar.get(kind);
    const current =
      known !== undefined && nowMs - known.lastAt <= similarWindowMs
        ? known
        : { messages: new Set<string>(), lastAt: nowMs };
    current.lastAt = nowMs;
    if (current.messages.size < similarLimit) current.messages.add(message);
    touch(this.#similar, kind, current);
    return !current.messages.has(message);
  }

  #spend(objectKey: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(objectKey) ?? { tokens: burst, refilledAt: nowMs };
    bucket.tokens = Math.min(burst, bucket.tokens + (nowMs - bucket.refilledAt) / refillMs);
    bucket.refilledAt = nowMs;
    touch(this.#buckets, objectKey, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}

/** Sets a key as the one used last and forgets the one unused for longest beyond `maxKeys`. */
export function touch<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= maxKeys) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
