import type { V1Container, V1EphemeralContainer, V1PodSpec } from "../../../generated/types.ts";

/** Visits init, ordinary and ephemeral containers, each with its path below that of the spec. */
export function eachContainer(
  spec: V1PodSpec,
  path: string,
  visit: (container: V1Container | V1EphemeralContainer, path: string) => void,
): void {
  for (const field of ["initContainers", "containers", "ephemeralContainers"] as const) {
    (spec[field] ?? []).forEach((container, index) => {
      visit(container, `${path}.${field}[${index}]`);
    });
  }
}
