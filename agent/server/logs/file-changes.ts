import { type FSWatcher, watch } from "node:fs";

/** Tells when something in a folder has changed (inotify). Changes that nobody waits for are kept as one. */
export class FileChanges {
  readonly #watcher: FSWatcher;
  #changed = false;
  #wake: (() => void) | undefined;

  /** Throws when the folder cannot be watched. */
  constructor(folder: string) {
    this.#watcher = watch(folder, () => this.notify());
    this.#watcher.on("error", () => this.notify());
  }

  /** Counts as a change. */
  notify(): void {
    this.#changed = true;
    this.#wake?.();
  }

  /** Resolves at once when something has changed since the last call, else when it does. */
  async next(): Promise<void> {
    if (!this.#changed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#changed = false;
    this.#wake = undefined;
  }

  close(): void {
    this.#watcher.close();
  }
}
