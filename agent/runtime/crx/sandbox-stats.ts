import { readFile } from "node:fs/promises";
import type { NetworkUsage, PodSandboxConfig, PodSandboxStats } from "../runtime.ts";
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

/** What came out of a tap is what the guest sent into it. Undefined when the tap is gone. */
async function tapUsage(tapName: string): Promise<NetworkUsage | undefined> {
  const read = async (name: string): Promise<number> =>
    Number(await readFile(`/sys/class/net/${tapName}/statistics/${name}`, "utf8"));
  try {
    const [sentBytes, sendErrors, sentPackets, receivedBytes, receiveErrors, receivedPackets] =
      await Promise.all(
        ["rx_bytes", "rx_errors", "rx_packets", "tx_bytes", "tx_errors", "tx_packets"].map(read),
      );
    return {
      interfaceName: guestInterface,
      receivedBytes: receivedBytes ?? 0,
      receivedPackets: receivedPackets ?? 0,
      receiveErrors: receiveErrors ?? 0,
      sentBytes: sentBytes ?? 0,
      sentPackets: sentPackets ?? 0,
      sendErrors: sendErrors ?? 0,
    };
  } catch {
    return undefined;
  }
}

/** What the guest calls its one interface. */
const guestInterface = "eth0";
