import { readdirSync, readFileSync } from "node:fs";
import type { ProcessIdentity } from "../../../../supervisor/base/process-identity.ts";

/**
 * How long a process has used the processors or waited for them, in milliseconds, by its threads that live: one that is
 * kept from running is not one that does nothing (Documentation/scheduler/sched-stats.rst). 0 where that cannot be read.
 */
export function wantedTimeMs({ pid }: ProcessIdentity): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, thread) => sum + wantedByThread(`/proc/${pid}/task/${thread}`), 0);
  } catch {
    return 0;
  }
}

function wantedByThread(folder: string): number {
  const [ran = 0, waited = 0] = readFileSync(`${folder}/schedstat`, "utf8").split(" ").map(Number);
  return (ran + waited) / 1e6;
}
