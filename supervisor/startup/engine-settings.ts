import { selfCommand } from "../base/self-command.ts";

/**
 * What the engine reads of its environment when a process starts.
 *
 * Bun collects garbage some 16 ms after each growth of the heap, up to sixty times a second under load: a tenth of what
 * a status patch costs. Without that timer the engine collects by what was allocated, and later holds less.
 *
 * Free memory goes back to the system after ten seconds instead of one: under load it is asked for again at once, and
 * each page then costs a fault and an interruption of all threads.
 */
const settings: Readonly<Record<string, string>> = {
  BUN_GC_TIMER_DISABLE: "1",
  MIMALLOC_PURGE_DELAY: "10000",
};

/**
 * Begins the program anew as the same process, with the same arguments, where it runs without the engine's settings;
 * it goes on without them where the system refuses. To be called before anything is opened: about 20 ms.
 */
export function useEngineSettings(): void {
  const isSet = Object.keys(settings).every((name) => process.env[name] !== undefined);
  if (isSet || process.execve === undefined) return;
  const command = [...selfCommand(), ...process.argv.slice(2)];
  try {
    process.execve(process.execPath, command, { ...process.env, ...settings });
  } catch {
    // As it was started, then.
  }
}
