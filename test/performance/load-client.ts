/**
 * Load for any server of the Kubernetes API: ConfigMaps created, read, listed and watched, Pods created and their
 * status patched. Prints rate, latency, and the CPU that the server's processes used for each request.
 */
import { loadUsage, parseLoadOptions } from "./load/options.ts";
import { prepare, runPhase } from "./load/phases.ts";

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

try {
  const options = await parseLoadOptions(process.argv.slice(2));
  await prepare(options);
  for (const phase of options.phases) await runPhase(phase, options, print);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${loadUsage}\n`);
  process.exitCode = 2;
}
