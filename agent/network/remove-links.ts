import type { HostTools } from "./host-tools.ts";
import { NetworkError } from "./pod-network.ts";

/** Removes network interfaces. One that is gone already is no fault: somebody removed it, or it went with its QEMU. */
export async function removeLinks(tools: HostTools, names: readonly string[]): Promise<void> {
  const lines = names.map((name) => `link del dev ${name}`);
  try {
    await tools.run("ip", ["-force", "-batch", "-"], `${lines.join("\n")}\n`);
  } catch (error) {
    if (!(error instanceof NetworkError && /Cannot find device/.test(error.message))) throw error;
  }
}
