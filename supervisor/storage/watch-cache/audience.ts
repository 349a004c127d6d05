import type { BackendEvent, WatchRoute } from "../backend.ts";

/** Watches that get the same events, and what the commit under way has for them. */
export interface WatchGroup<W> {
  readonly watchers: Set<W>;
  pending: BackendEvent[];
}

interface Sorting<W> {
  readonly read: WatchRoute["read"];
  readonly groups: Map<string, WatchGroup<W>>;
}

/**
 * The live watches of one prefix: those of all its events, and by route those of some. An event's values are read once
 * for each kind of route, and find their watches by a look-up: watches of other values cost nothing.
 */
export class Audience<W> {
  readonly #all: WatchGroup<W> = { watchers: new Set(), pending: [] };
  readonly #sortings = new Map<string, Sorting<W>>();

  get isEmpty(): boolean {
    return this.#all.watchers.size === 0 && this.#sortings.size === 0;
  }

  add(watcher: W, route: WatchRoute | undefined): void {
    if (route === undefined) {
      this.#all.watchers.add(watcher);
      return;
    }
    const { name, value, read } = route;
    const sorting = this.#sortings.get(name) ?? { read, groups: new Map<string, WatchGroup<W>>() };
    this.#sortings.set(name, sorting);
    const group = sorting.groups.get(value);
    if (group === undefined) sorting.groups.set(value, { watchers: new Set([watcher]), pending: [] });
    else group.watchers.add(watcher);
  }

  delete(watcher: W, route: WatchRoute | undefined): void {
    if (route === undefined) {
      this.#all.watchers.delete(watcher);
      return;
    }
    const sorting = this.#sortings.get(route.name);
    const group = sorting?.groups.get(route.value);
    group?.watchers.delete(watcher);
    if (group?.watchers.size === 0) sorting?.groups.delete(route.value);
    if (sorting?.groups.size === 0) this.#sortings.delete(route.name);
  }

  /** Calls back for each group that an event is for. */
  match({ current, previous }: BackendEvent, visit: (group: WatchGroup<W>) => void): void {
    if (this.#all.watchers.size > 0) visit(this.#all);
    for (const { read, groups } of this.#sortings.values()) {
      const value = read(current);
      const group = groups.get(value);
      if (group !== undefined) visit(group);
      const before = previous === undefined ? value : read(previous);
      if (before === value) continue;
      const left = groups.get(before);
      if (left !== undefined) visit(left);
    }
  }
}
