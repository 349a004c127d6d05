/** Runs openssl and gives its output. Throws with what it said where it failed. */
export function openssl(...args: readonly string[]): string {
  const run = Bun.spawnSync(["openssl", ...args], { stdin: "ignore" });
  if (run.exitCode !== 0) throw new Error(`openssl ${args[0]}: ${run.stderr.toString()}`);
  return run.stdout.toString();
}
