import { posix } from "node:path";
import type { V1Container, V1Pod, V1Volume, V1VolumeMount } from "../../../supervisor/api/generated/types.ts";
import type { ContainerMount } from "../../runtime/runtime.ts";
import { ContainerStartError } from "../containers/container-start-error.ts";
import { mountSubPath } from "./mount-sub-path.ts";

export interface ContainerMountsInput {
  readonly pod: V1Pod;
  readonly container: V1Container;
  /** The container's own variables, which `subPathExpr` may name. */
  readonly environment: ReadonlyMap<string, string>;
  /** The disks of the Pod's image volumes that the container mounts, by the volume's name. */
  readonly imageVolumes: ReadonlyMap<string, string>;
}

const propagations = { HostToContainer: "host-to-container", Bidirectional: "bidirectional" } as const;

/**
 * The container's mounts, those further up first. Volumes whose contents the API has are read-only, as upstream. Throws
 * {@link ContainerStartError}.
 */
export function containerMounts(input: ContainerMountsInput): ContainerMount[] {
  const mounts = (input.container.volumeMounts ?? []).map((mount) => containerMount(mount, input));
  return mounts.sort((a, b) => depth(a.path) - depth(b.path));
}

function containerMount(mount: V1VolumeMount, input: ContainerMountsInput): ContainerMount {
  const { pod, container, environment, imageVolumes } = input;
  const { name, mountPath, readOnly = false, mountPropagation, recursiveReadOnly } = mount;
  const volume = pod.spec?.volumes?.find((known) => known.name === name);
  if (!volume) throw configError(`cannot find volume "${name}" to mount into container "${container.name}"`);
  const subPath = mountSubPath(mount, environment);
  const imageDiskPath = imageVolumes.get(name);
  const propagation =
    mountPropagation === "HostToContainer" || mountPropagation === "Bidirectional"
      ? propagations[mountPropagation]
      : undefined;
  return {
    ...(imageDiskPath === undefined ? { volume: name } : { imageDiskPath }),
    path: posix.join("/", mountPath),
    readOnly: readOnly || !beginsEmpty(volume),
    ...(subPath !== "" && { subPath }),
    ...((recursiveReadOnly === "Enabled" || recursiveReadOnly === "IfPossible") && {
      recursiveReadOnly: true,
    }),
    ...(propagation && { propagation }),
  };
}

function configError(text: string): ContainerStartError {
  return new ContainerStartError("CreateContainerConfigError", text);
}

/** Whether the volume is the containers' own to fill. */
function beginsEmpty({ configMap, secret, downwardAPI, projected, image }: V1Volume): boolean {
  return !(configMap || secret || downwardAPI || projected || image);
}

function depth(path: string): number {
  return path.split("/").filter(Boolean).length;
}
