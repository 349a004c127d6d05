import type { V1Container } from "../../../supervisor/api/generated/types.ts";
import type { ContainerStatus } from "../../runtime/runtime.ts";
import { actuatedResources, isSameQuantity } from "./container-allocation.ts";

/** Whether the container has to be made anew for the resources that it is given now (`resizePolicy`). */
export function resizeNeedsRestart(container: V1Container, instance: ContainerStatus): boolean {
  const given = container.resources ?? {};
  const actuated = actuatedResources(instance);
  if (!actuated) return false;
  return (container.resizePolicy ?? []).some(({ resourceName, restartPolicy }) => {
    if (restartPolicy !== "RestartContainer") return false;
    const isSameLimit = isSameQuantity(given.limits?.[resourceName], actuated.limits?.[resourceName]);
    // Nothing in a running container follows its request of memory.
    if (resourceName !== "cpu") return !isSameLimit;
    return !isSameLimit || !isSameQuantity(given.requests?.cpu, actuated.requests?.cpu);
  });
}
