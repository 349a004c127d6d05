import type { V1Container, V1Probe } from "../../../supervisor/api/generated/types.ts";

export type ProbeKind = "startup" | "liveness" | "readiness";

/** As the kubelet's messages name the kinds. */
export const probeTitles: Readonly<Record<ProbeKind, string>> = {
  startup: "Startup",
  liveness: "Liveness",
  readiness: "Readiness",
};

export function probeOf(container: V1Container, kind: ProbeKind): V1Probe | undefined {
  if (kind === "startup") return container.startupProbe;
  return kind === "liveness" ? container.livenessProbe : container.readinessProbe;
}

/** What the probes of one running container say; a kind is absent where the container has no such probe. */
export interface ContainerProbes {
  readonly startup?: "success" | "failure" | "unknown";
  readonly liveness?: "success" | "failure";
  readonly readiness?: "success" | "failure";
}
