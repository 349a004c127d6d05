import type { PodSandboxStatus } from "../runtime.ts";
import type { SandboxRecord } from "./sandbox-record.ts";

/** What is told of a sandbox. */
export function sandboxStatus(record: SandboxRecord): PodSandboxStatus {
  const { id, config, createdAt, reason, message, kernelVersion, storageProblem, size } = record;
  return {
    id,
    metadata: config.metadata,
    state: record.phase === "ready" ? "ready" : "not-ready",
    createdAt: new Date(createdAt),
    ...(config.network ? { address: config.network.address } : {}),
    labels: config.labels,
    annotations: { ...config.annotations, ...size?.annotations },
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
    ...(kernelVersion ? { kernelVersion } : {}),
    ...(storageProblem ? { storageProblem } : {}),
  };
}
