import { messageOf } from "../../../supervisor/base/errors.ts";
import { hostAndPort, type PodDialer, type PodTarget, targetHost } from "../pod-access/pod-dialer.ts";
import { failure, type ProbeOutcome } from "./probe-outcome.ts";

/** A port that takes connections is a success (kubelet `probe/tcp`). */
export async function tcpProbe(
  target: PodTarget,
  dial: PodDialer,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  try {
    const connection = await dial(target, signal);
    connection.destroy();
    return { result: "success", output: "" };
  } catch (error) {
    const address = hostAndPort(targetHost(target), target.port);
    return failure(signal.aborted ? `dial tcp ${address}: i/o timeout` : messageOf(error));
  }
}
