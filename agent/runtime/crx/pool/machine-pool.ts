import type { Clock } from "../../../../supervisor/base/clock.ts";
import { asError } from "../../../../supervisor/base/errors.ts";
import type { Logger } from "../../../../supervisor/base/logging.ts";

/** What the pool needs to know of a machine; `lost` resolves when it ends by itself. */
export interface Poolable<Template> {
  readonly template: Template;
  readonly machine: { readonly lost: Promise<unknown> };
}

export interface MachinePoolOptions<Template, Spare> {
  /** So many machines wait. */
  readonly size: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The template of the moment. */
  readonly template: () => Template | undefined;
  readonly make: (template: Template, signal: AbortSignal) => Promise<Spare>;
  readonly remove: (spare: Spare) => Promise<void>;
}

/** A container's first moments after its start are left to it too. */
const quietMs = 500;
/** After a machine that could not be made, or that ended while it waited. */
const retryMs = 30_000;

/**
 * Keeps a few machines that wait for Pods. They are made in the background, one at a time and never while a Pod is being
 * started, and are used only as long as their template is the present one.
 */
export class MachinePool<Template, Spare extends Poolable<Template>> {
  readonly #options: MachinePoolOptions<Template, Spare>;
  readonly #stop = new AbortController();
  readonly #spares = new Set<Spare>();
  #making: Promise<void> | undefined;
  #starts = 0;
  #notBeforeMs = 0;
  #cancelTimer: () => void = () => {};

  constructor(options: MachinePoolOptions<Template, Spare>) {
    this.#options = options;
  }

  /** How many machines wait. */
  get count(): number {
    return this.#spares.size;
  }

  /** Begins to make what is missing, unless it is not the time for it: then that comes by itself. */
  fill(): void {
    const { size, clock, template } = this.#options;
    const isWanted = !this.#stop.signal.aborted && this.#spares.size < size;
    if (!isWanted || this.#making || this.#starts > 0 || clock.steady() < this.#notBeforeMs) return;
    const from = template();
    if (!from) return;
    this.#making = this.#make(from).finally(() => {
      this.#making = undefined;
      this.fill();
    });
  }

  /**
   * Takes a machine out of the pool, for the caller to use or to remove; it waits for one that is being made, as that
   * comes sooner than another. Undefined where there is none.
   */
  async take(): Promise<Spare | undefined> {
    if (this.#spares.size === 0) await this.#making;
    const template = this.#options.template();
    const spare = this.#spares.values().find((each) => each.template === template);
    if (spare) this.#spares.delete(spare);
    return spare;
  }

  /** A Pod is being started: until the result is called, and for a moment after, no machine is made. */
  hold(): () => void {
    this.#starts++;
    return () => {
      this.#starts--;
      this.#pause(quietMs);
    };
  }

  /** Ends the machines of earlier templates, and makes new ones. */
  async renew(): Promise<void> {
    const template = this.#options.template();
    await this.#end([...this.#spares].filter((spare) => spare.template !== template));
    this.fill();
  }

  /** Ends all machines that wait; none is made for some time. */
  async empty(pauseMs: number): Promise<void> {
    this.#pause(pauseMs);
    await this.#making;
    await this.#end([...this.#spares]);
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error("The runtime is closing"));
    this.#cancelTimer();
    await this.#making;
    await this.#end([...this.#spares]);
  }

  /** Nothing is made for so long, and then what is missing. */
  #pause(forMs: number): void {
    const { clock } = this.#options;
    if (this.#stop.signal.aborted) return;
    this.#notBeforeMs = Math.max(this.#notBeforeMs, clock.steady() + forMs);
    this.#cancelTimer();
    this.#cancelTimer = clock.after(this.#notBeforeMs - clock.steady(), () => this.fill());
  }

  async #make(from: Template): Promise<void> {
    const { make, logger } = this.#options;
    const { signal } = this.#stop;
    try {
      this.#keep(await make(from, signal));
    } catch (error) {
      if (signal.aborted) return;
      logger.warn("No machine could be made for the pool", { error: asError(error) });
      this.#pause(retryMs);
    }
  }

  #keep(spare: Spare): void {
    this.#spares.add(spare);
    spare.machine.lost.then(async () => {
      if (!this.#spares.delete(spare)) return;
      this.#options.logger.warn("A machine of the pool ended by itself");
      this.#pause(retryMs);
      await this.#options.remove(spare);
    });
  }

  async #end(spares: readonly Spare[]): Promise<void> {
    for (const spare of spares) this.#spares.delete(spare);
    await Promise.all(spares.map(this.#options.remove));
  }
}
