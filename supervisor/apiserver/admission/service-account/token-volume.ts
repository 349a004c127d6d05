/** The volume by which a Pod's containers reach the API as its ServiceAccount. */
import type { V1ServiceAccount } from "../../../api/generated/types.ts";
import type { Pod } from "../../../registry/core/pod/pod-strategy.ts";

type Spec = NonNullable<Pod["spec"]>;

const volumePrefix = "kube-api-access-";
const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
/** Seven seconds beyond an hour: such tokens live longer than they say, with a warning in the audit log. */
const tokenLifeSeconds = 3607;

/** Whether the Pod wants its account's token: its own word goes before the account's. */
export function wantsToken(spec: Spec, account: V1ServiceAccount): boolean {
  return spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
}

/** Mounts the token into every container that has nothing at its place. `suffix` ends the volume's name. */
export function mountToken(spec: Spec, suffix: () => string): void {
  const known = spec.volumes?.find(({ name }) => name.startsWith(volumePrefix));
  // Validation, which asks for containers, comes later.
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].filter(lacksToken);
  if (containers.length === 0) return;
  const name = known?.name ?? `${volumePrefix}${suffix()}`;
  for (const container of containers) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }];
  }
  if (!known) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

function lacksToken({ volumeMounts = [] }: Spec["containers"][number]): boolean {
  return !volumeMounts.some((mount) => mount.mountPath === mountPath);
}

function tokenVolume(name: string): NonNullable<Spec["volumes"]>[number] {
  const certificate = { key: "ca.crt", path: "ca.crt" };
  const namespace = { path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } };
  const sources = [
    { serviceAccountToken: { expirationSeconds: tokenLifeSeconds, path: "token" } },
    { configMap: { name: "kube-root-ca.crt", items: [certificate] } },
    { downwardAPI: { items: [namespace] } },
  ];
  return { name, projected: { sources, defaultMode: 0o644 } };
}
