import type { V1Container } from "../../../supervisor/api/generated/types.ts";
import type { ContainerStatus } from "../../runtime/runtime.ts";
import { containerHash } from "../containers/container-hash.ts";
import type { ContainerProbes } from "../probes/probe-kind.ts";
import { resizeNeedsRestart } from "../resize/resize-restart.ts";
import { containerHashAnnotation } from "../sandbox/pod-identity.ts";

/** Why a container is ended while its Pod goes on. */
export interface ContainerKill {
  readonly instance: ContainerStatus;
  readonly container: V1Container;
  readonly message: string;
  /** The probe whose own grace period counts. */
  readonly failedProbe?: "startup" | "liveness";
}

/** What the probes say of a container that runs. */
export type ProbesOf = (containerId: string) => ContainerProbes | undefined;

/** Whether a container that runs is to end: its definition changed, or a probe says so. */
export function reasonToKill(
  title: "Container" | "Init container",
  container: V1Container,
  instance: ContainerStatus,
  probesOf: ProbesOf,
): ContainerKill | undefined {
  const about = { instance, container };
  const name = `${title} ${container.name}`;
  if (instance.annotations[containerHashAnnotation] !== containerHash(container)) {
    return { ...about, message: `${name} definition changed` };
  }
  if (resizeNeedsRestart(container, instance))
    return { ...about, message: `${name} resize requires restart` };
  const probes = probesOf(instance.id);
  if (probes?.liveness === "failure") {
    return { ...about, message: `${name} failed liveness probe`, failedProbe: "liveness" };
  }
  if (probes?.startup === "failure") {
    return { ...about, message: `${name} failed startup probe`, failedProbe: "startup" };
  }
  return undefined;
}
