import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { ContainerSecurity } from "../../runtime/runtime.ts";
import { formatPod } from "../sandbox/pod-identity.ts";
import { ContainerStartError } from "./container-start-error.ts";

/**
 * The container's security settings: its own over the Pod's over the image's user. Throws
 * {@link ContainerStartError} where `runAsNonRoot` cannot be kept (kubelet `verifyRunAsNonRoot`).
 */
export function containerSecurity(pod: V1Pod, container: V1Container, imageUser: string): ContainerSecurity {
  const own = container.securityContext ?? {};
  const ofPod = pod.spec?.securityContext ?? {};
  const userId = own.runAsUser ?? ofPod.runAsUser;
  if (own.runAsNonRoot ?? ofPod.runAsNonRoot ?? false) verifyNonRoot(pod, container, userId, imageUser);
  return {
    user: userName(userId, own.runAsGroup ?? ofPod.runAsGroup, imageUser),
    supplementalGroups: supplementalGroups(pod),
    readOnlyRootFilesystem: own.readOnlyRootFilesystem ?? false,
    privileged: own.privileged ?? false,
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    ...(ofPod.supplementalGroupsPolicy === "Strict" && { strictGroups: true }),
    ...(own.procMount === "Unmasked" && { unmaskedProc: true }),
  };
}

function supplementalGroups(pod: V1Pod): readonly number[] {
  const { supplementalGroups: groups = [], fsGroup } = pod.spec?.securityContext ?? {};
  return fsGroup === undefined ? groups : [...groups, fsGroup];
}

function userName(userId: number | undefined, groupId: number | undefined, imageUser: string): string {
  const [imageName = ""] = imageUser.split(":");
  if (userId === undefined && groupId === undefined) return imageUser;
  const user = userId === undefined ? imageName || "0" : String(userId);
  return groupId === undefined ? user : `${user}:${groupId}`;
}

function verifyNonRoot(
  pod: V1Pod,
  container: V1Container,
  userId: number | undefined,
  imageUser: string,
): void {
  const where = `(pod: "${formatPod(pod)}", container: ${container.name})`;
  const refuse = (text: string): never => {
    throw new ContainerStartError("CreateContainerConfigError", `${text} ${where}`);
  };
  if (userId === 0) refuse("container's runAsUser breaks non-root policy");
  if (userId !== undefined) return;
  const [name = ""] = imageUser.split(":");
  if (name === "" || /^0+$/.test(name)) refuse("container has runAsNonRoot and image will run as root");
  if (!/^\d+$/.test(name)) {
    refuse(
      `container has runAsNonRoot and image has non-numeric user (${name}), cannot verify user is non-root`,
    );
  }
}
