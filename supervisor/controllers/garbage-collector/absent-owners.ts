import type { ObjectReference } from "./object-reference.ts";

/** Owners that were looked for and are not there: a uid never comes back (upstream's `absentOwnerCache`). */
export class AbsentOwners {
  readonly #known = new Set<string>();
  readonly #limit: number;

  constructor(limit = 500) {
    this.#limit = limit;
  }

  add(reference: ObjectReference): void {
    const key = keyOf(reference);
    this.#known.delete(key);
    this.#known.add(key);
    const [oldest] = this.#known;
    if (this.#known.size > this.#limit && oldest !== undefined) this.#known.delete(oldest);
  }

  has(reference: ObjectReference): boolean {
    return this.#known.has(keyOf(reference));
  }
}

function keyOf({ apiVersion, kind, namespace, name, uid }: ObjectReference): string {
  return `${apiVersion}\0${kind}\0${namespace}\0${name}\0${uid}`;
}
