import { sleep } from "../../../../supervisor/base/signals.ts";
import type { QmpClient } from "./qmp-client.ts";

const mebibyte = 2 ** 20;
/** The least that QEMU makes a region of, where it has enough for all processors (QEMU `tcg/region.c`). */
const regionBytes = 2 * mebibyte;
/** What is translated between the look and the plugging. */
const marginBytes = mebibyte / 2;
const firstDelayMs = 50;
const longestDelayMs = 10_000;

/** The processors of a machine: those that it has, and the most that it can have. */
export interface Processors {
  readonly present: number;
  readonly most: number;
}

/**
 * Waits until an emulating QEMU has a region of its code buffer left for one more processor: plugged in without one, it
 * ends itself (`tcg_region_initial_alloc__locked`). The regions come back all at once, when the buffer is
 * full and the machine goes on working. Throws what QEMU says; with KVM it returns at once.
 */
export async function waitForCodeRoom(
  qmp: Pick<QmpClient, "execute">,
  processors: Processors,
  pause: (delayMs: number) => Promise<void> = sleep,
): Promise<void> {
  for (let delayMs = firstDelayMs; !(await hasRoom(qmp, processors)); ) {
    await pause(delayMs);
    delayMs = Math.min(2 * delayMs, longestDelayMs);
  }
}

async function hasRoom(qmp: Pick<QmpClient, "execute">, { present, most }: Processors): Promise<boolean> {
  const text = await qmp.execute("x-query-jit").then(
    (answer) => String(Object(answer)["human-readable-text"]),
    // Nothing is translated with KVM; a connection that is gone fails what comes next.
    () => "",
  );
  const [, used, total] = /gen code size +(\d+)\/(\d+)/.exec(text) ?? [];
  if (used === undefined || total === undefined || most === 1) return true;
  const [usedBytes, totalBytes] = [Number(used) + marginBytes, Number(total)];
  const whole = Math.round(totalBytes / regionBytes);
  const regions = whole <= most ? most : Math.min(whole, 8 * most);
  // Each processor has one region that it has begun; the full ones are counted by their bytes.
  return Math.floor(usedBytes / (totalBytes / regions)) + present < regions;
}
