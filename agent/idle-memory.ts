import { readFileSync, readlinkSync } from "node:fs";
import type { Clock } from "../supervisor/base/clock.ts";
import { libc } from "./runtime/crx/template/libc.ts";

/** Nothing happens for so long before the daemon tidies up. */
const quietMs = 20_000;
/** linux/mman.h; for code, which nobody wrote, it only takes the pages out of the process. */
const dontNeed = 4;

/**
 * Gives memory back to the host when nothing has happened for a while: what the starts of Pods left on the heap, and the
 * parts of the program that only they needed. Those are still in the host's cache of files, and come back when they run.
 */
export class IdleMemory {
  readonly #clock: Clock;
  #cancel: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something happened. */
  disturb(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(quietMs, tidyUp);
  }

  stop(): void {
    this.#cancel();
  }
}

function tidyUp(): void {
  Bun.gc(true);
  for (const { start, end } of codeMappings(readFileSync("/proc/self/maps", "utf8"), program())) {
    libc().madvise(start, end - start, dontNeed);
  }
}

function program(): string {
  return readlinkSync("/proc/self/exe");
}

/**
 * Where a process has a file's code (proc_pid_maps(5)). Other parts that it cannot write now may have been written by its loader,
 * and would be lost.
 */
export function codeMappings(
  maps: string,
  path: string,
): Array<{ readonly start: bigint; readonly end: bigint }> {
  return maps.split("\n").flatMap((line) => {
    const found = /^([0-9a-f]+)-([0-9a-f]+) r-xp \S+ \S+ \d+ +(.*)$/.exec(line);
    if (!found || found[3] !== path) return [];
    return [{ start: BigInt(`0x${found[1]}`), end: BigInt(`0x${found[2]}`) }];
  });
}
