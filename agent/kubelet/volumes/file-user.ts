import type { V1Pod } from "../../../supervisor/api/generated/types.ts";

/** The user that all containers of the Pod run as, where they name one and the same (kubelet `util.FsUserFrom`). */
export function fileUser({ spec }: V1Pod): number | undefined {
  const ofPod = spec?.securityContext?.runAsUser;
  const users = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(
    ({ securityContext }) => securityContext?.runAsUser ?? ofPod,
  );
  const [first] = users;
  return users.every((user) => user === first) ? first : undefined;
}
