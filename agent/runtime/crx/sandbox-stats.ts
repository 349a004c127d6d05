import { readFile } from "node:fs/promises";
import type { NetworkUsage, PodSandboxStats } from "../pod-sandbox-stats.ts";
import type { PodSandboxConfig } from "../runtime.ts";
import type { Guest } from "./guest/guest.ts";

/** What a sandbox uses: the guest says it of its inside, the host's tap of its network. */
export async function sandboxStats(
  guest: Guest,
  { network }: PodSandboxConfig,
  nowMs: () => number,
): Promise<PodSandboxStats> {
  const [stats, usage] = await Promise.all([guest.stats(), network && tapUsage(network.tapName)]);
  return { atMs: nowMs(), ...stats, ...(usage && { network: usage }) };
}

/**
 * What came out of a tap is what the guest sent into it. Read where the process's own network namespace is told of:
 * /sys shows the one that it was mounted in. Undefined when the tap is gone.
 */
async function tapUsage(tapName: string): Promise<NetworkUsage | undefined> {
  const table = await readFile("/proc/net/dev", "utf8");
  const line = table.split("\n").find((each) => each.trimStart().startsWith(`${tapName}:`));
  if (line === undefined) return undefined;
  const counts = line
    .slice(line.indexOf(":") + 1)
    .trim()
    .split(/\s+/)
    .map(Number);
  const [sentBytes = 0, sentPackets = 0, sendErrors = 0, sendDrops = 0] = counts;
  const [receivedBytes = 0, receivedPackets = 0, receiveErrors = 0, receiveDrops = 0] = counts.slice(8);
  return {
    interfaceName: guestInterface,
    receivedBytes,
    receivedPackets,
    receiveErrors,
    receiveDrops,
    sentBytes,
    sentPackets,
    sendErrors,
    sendDrops,
  };
}

/** What the guest calls its one interface. */
const guestInterface = "eth0";
