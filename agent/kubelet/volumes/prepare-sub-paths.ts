import { type ContainerMount, type Runtime, RuntimeError } from "../../runtime/runtime.ts";
import { ContainerStartError } from "../containers/container-start-error.ts";

/**
 * Makes the folders that a container's mounts name within volumes and that are not there yet. Throws
 * {@link ContainerStartError}, whose texts tell no more of what is in the volume than the kubelet's.
 */
export async function prepareSubPaths(
  runtime: Pick<Runtime, "prepareSubPath">,
  sandboxId: string,
  containerName: string,
  mounts: readonly ContainerMount[],
): Promise<void> {
  for (const { volume, subPath } of mounts) {
    if (volume === undefined || subPath === undefined) continue;
    try {
      await runtime.prepareSubPath(sandboxId, volume, subPath);
    } catch (error) {
      const leadsOut = error instanceof RuntimeError && error.kind === "invalid";
      const step = leadsOut ? "prepare subPath" : "create subPath directory";
      const text = `failed to ${step} for volumeMount "${volume}" of container "${containerName}"`;
      throw new ContainerStartError("CreateContainerConfigError", text, { cause: error });
    }
  }
}
