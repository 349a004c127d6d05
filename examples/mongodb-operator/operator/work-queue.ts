const firstDelayMs = 200;
const longestDelayMs = 60_000;

/**
 * Keys to work on: each at most once at a time and once in waiting; one whose work failed comes again, later each time.
 */
export class WorkQueue {
  readonly #work: (key: string) => Promise<void>;
  readonly #report: (key: string, error: unknown) => void;
  readonly #active = new Set<string>();
  readonly #waiting = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #isStopped = false;

  constructor(work: (key: string) => Promise<void>, report: (key: string, error: unknown) => void) {
    this.#work = work;
    this.#report = report;
  }

  add(key: string): void {
    if (this.#isStopped) return;
    if (this.#active.has(key)) this.#waiting.add(key);
    else void this.#run(key);
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #run(key: string): Promise<void> {
    this.#active.add(key);
    try {
      await this.#work(key);
      this.#failures.delete(key);
    } catch (error) {
      this.#report(key, error);
      this.#again(key);
    } finally {
      this.#active.delete(key);
      if (this.#waiting.delete(key)) this.add(key);
    }
  }

  #again(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.add(key);
      },
      Math.min(longestDelayMs, firstDelayMs * 2 ** failures),
    );
    this.#timers.add(timer);
  }
}
