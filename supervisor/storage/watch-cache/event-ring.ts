import type { BackendEvent } from "../backend.ts";

/** The newest events of the store in memory, bounded by the length of their texts. Every revision has one event. */
export class EventRing {
  readonly #maxChars: number;
  #events: BackendEvent[] = [];
  /** Index of the oldest kept event: those before it are dropped in bulk. */
  #head = 0;
  #chars = 0;
  #revision: number;

  /** `revision` is the store's, so the one before the first event to come. */
  constructor(revision: number, maxChars: number) {
    this.#revision = revision;
    this.#maxChars = maxChars;
  }

  push(event: BackendEvent): void {
    this.#events.push(event);
    this.#revision = event.current.modRevision;
    this.#chars += chars(event);
    while (this.#chars > this.#maxChars) this.#drop();
    if (this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Whether every event after this revision is kept. */
  covers(afterRevision: number): boolean {
    return afterRevision >= this.#revision - this.#length;
  }

  /** The kept events after a revision that {@link covers} accepts. */
  after(afterRevision: number): BackendEvent[] {
    return this.#events.slice(this.#events.length - (this.#revision - afterRevision));
  }

  get #length(): number {
    return this.#events.length - this.#head;
  }

  #drop(): void {
    const event = this.#events[this.#head];
    if (event === undefined) return;
    this.#chars -= chars(event);
    this.#head += 1;
  }
}

function chars(event: BackendEvent): number {
  return event.current.key.length + event.current.value.length + (event.previous?.value.length ?? 0);
}
