/** Waits until the check gives something true, and returns that. Throws with the check's text after the deadline. */
export async function waitUntil<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = 10_000,
): Promise<T> {
  const endMs = Date.now() + deadlineMs;
  for (;;) {
    const result = await check();
    if (result !== undefined && result !== false) return result;
    if (Date.now() > endMs) throw new Error(`Not reached within ${deadlineMs} ms: ${check}`);
    await Bun.sleep(5);
  }
}
