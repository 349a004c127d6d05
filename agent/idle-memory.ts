import { readFileSync, readlinkSync } from "node:fs";
import type { Clock } from "../supervisor/base/clock.ts";
import { libc } from "./runtime/crx/template/libc.ts";

/** Nothing happens for so long before the daemon tidies up. */
const quietMs = 20_000;
/** linux/mman.h; for parts that nobody wrote it only takes the pages out of the process. */
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
  // The engine's own code too, which it makes again of what runs again; then what nobody holds any more.
  Bun.shrink();
  Bun.gc(true);
  for (const { start, end } of unwrittenMappings(readFileSync("/proc/self/smaps", "utf8"), program())) {
    libc().madvise(start, end - start, dontNeed);
  }
}

function program(): string {
  return readlinkSync("/proc/self/exe");
}

/**
 * Where a process has parts of a file that nobody can write and that its loader has not written either (proc_pid_smaps(5)):
 * what was written would be lost.
 */
export function unwrittenMappings(
  smaps: string,
  path: string,
): Array<{ readonly start: bigint; readonly end: bigint }> {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((mapping) => {
    const found = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ \d+ +(.*)$/m.exec(mapping);
    if (!found || found[3] !== path || !/^Anonymous: +0 kB$/m.test(mapping)) return [];
    return [{ start: BigInt(`0x${found[1]}`), end: BigInt(`0x${found[2]}`) }];
  });
}
