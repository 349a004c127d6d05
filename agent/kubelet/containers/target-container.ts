import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { latestInstance, type PodRuntimeState } from "../pods/pod-runtime-state.ts";
import { ContainerStartError } from "./container-start-error.ts";

/**
 * The container that an ephemeral one is to look into; undefined where it names none. Throws {@link ContainerStartError}
 * for one that does not run.
 */
export function targetContainer(
  { spec }: V1Pod,
  { name }: V1Container,
  state: PodRuntimeState,
): string | undefined {
  const target = spec?.ephemeralContainers?.find((one) => one.name === name)?.targetContainerName;
  if (!target) return undefined;
  const instance = latestInstance(state, target);
  if (instance?.state === "running") return instance.id;
  throw new ContainerStartError("CreateContainerConfigError", `unable to find target container ${target}`);
}
