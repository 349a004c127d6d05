import type { ProcessIdentity } from "../../../supervisor/base/process-identity.ts";
import type { PodSandboxConfig, PodSandboxUpdate } from "../runtime.ts";

/** Memory that cannot be taken from a machine, as a clone has its template's, and the most that it can have. */
export interface GrowthRoom {
  readonly templateBytes: number;
  readonly roomBytes: number;
  readonly accelerator: "kvm" | "tcg";
}

/** What is kept of a sandbox, as JSON in its folder. Times are ISO 8601. */
export interface SandboxRecord {
  readonly version: 1;
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly createdAt: string;
  /** `creating` until the guest has its identity: what is found like this belongs to nobody. */
  readonly phase: "creating" | "ready" | "ended";
  readonly process?: ProcessIdentity;
  /** The number of the user and group that its QEMU has, taken until the record goes. */
  readonly user?: number;
  /** What serves folders of the host to it. */
  readonly fileServer?: ProcessIdentity;
  readonly kernelVersion?: string;
  readonly start?: "pool" | "clone" | "boot";
  /** Why its Pod has no disk; absent: it has one, or the sandbox is older than Pods' disks. */
  readonly storageProblem?: string;
  /** What it can grow by. */
  readonly growth?: GrowthRoom;
  /** What the Pod's limits asked for at last, where that was changed while it ran. */
  readonly size?: PodSandboxUpdate;
  readonly reason?: string;
  readonly message?: string;
}

export function isSandboxRecord(value: unknown): value is SandboxRecord {
  const record = Object(value);
  return record.version === 1 && typeof record.id === "string" && typeof record.config === "object";
}
