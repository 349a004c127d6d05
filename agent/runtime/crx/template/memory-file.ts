import { closeSync, ftruncateSync, openSync } from "node:fs";
import { libc } from "./libc.ts";

// linux/memfd.h, linux/fcntl.h
const closeOnExec = 1;
const allowSealing = 2;
const addSeals = 1033;
const getSeals = 1034;
const allSeals = 1 | 2 | 4 | 8;

/** A file that lies in memory alone and goes with its last descriptor (memfd_create(2)). */
export class MemoryFile {
  readonly #descriptor: number;
  #isClosed = false;

  /** Throws when the kernel refuses. `name` is for people, in `/proc/PID/maps`. */
  constructor(name: string, bytes = 0) {
    this.#descriptor = libc().memfd_create(Buffer.from(`${name}\0`), closeOnExec | allowSealing);
    if (this.#descriptor < 0) throw new Error(`The kernel gave no memory file for ${name}`);
    if (bytes > 0) ftruncateSync(this.#descriptor, bytes);
  }

  /** Calls something with the file's own descriptor, which stays open. */
  lend<T>(use: (descriptor: number) => T): T {
    return use(this.#descriptor);
  }

  /**
   * Forbids for good that anybody changes the file, whatever rights he has: its size, its bytes, and these seals.
   * False while somebody still has it mapped for writing.
   */
  seal(): boolean {
    libc().fcntl(this.#descriptor, addSeals, allSeals);
    return libc().fcntl(this.#descriptor, getSeals, 0) === allSeals;
  }

  /** A further descriptor of the file, with a position of its own, which the caller closes. */
  reopen(): number {
    return openSync(`/proc/self/fd/${this.#descriptor}`, "r");
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#descriptor);
  }
}
