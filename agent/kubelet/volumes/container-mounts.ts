import { posix } from "node:path";
import type { V1Container, V1Pod, V1Volume } from "../../../supervisor/api/generated/types.ts";
import type { ContainerMount } from "../../runtime/runtime.ts";
import { ContainerStartError } from "../containers/container-start-error.ts";

/** The container's mounts, those further up first. Volumes whose contents the API has are read-only, as upstream. */
export function containerMounts(pod: V1Pod, container: V1Container): ContainerMount[] {
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath, readOnly = false }) => {
    const volume = pod.spec?.volumes?.find((known) => known.name === name);
    if (!volume) {
      const text = `cannot find volume "${name}" to mount into container "${container.name}"`;
      throw new ContainerStartError("CreateContainerConfigError", text);
    }
    return { volume: name, path: posix.join("/", mountPath), readOnly: readOnly || !beginsEmpty(volume) };
  });
  return mounts.sort((a, b) => depth(a.path) - depth(b.path));
}

/** Whether the volume is the containers' own to fill. */
function beginsEmpty({ configMap, secret, downwardAPI, projected }: V1Volume): boolean {
  return !(configMap || secret || downwardAPI || projected);
}

function depth(path: string): number {
  return path.split("/").filter(Boolean).length;
}
