/**
 * The rounds of the mutating plug-ins over one write: where a policy or webhook has changed the object, all are asked once
 * more, since what they have filled in may have become wrong (apiserver `admission/plugin/webhook/initializer`, reinvoker).
 */
export class Reinvocation {
  #isSecond = false;
  #isWanted = false;
  readonly #memory = new Map<string, unknown>();

  /** Whether this is the round after a change. */
  get isSecond(): boolean {
    return this.#isSecond;
  }

  /** Asks for a second round; the second has none after it. */
  want(): void {
    this.#isWanted = true;
  }

  /** What a plug-in keeps from the first round for the second one; `make` makes it when it is first asked for. */
  memory<T>(plugin: string, make: () => T): T {
    if (!this.#memory.has(plugin)) this.#memory.set(plugin, make());
    // Each plug-in has one name and one kind of memory.
    return this.#memory.get(plugin) as T;
  }

  /** Begins the second round where one is due. */
  again(): boolean {
    if (this.#isSecond || !this.#isWanted) return false;
    this.#isSecond = true;
    return true;
  }
}
