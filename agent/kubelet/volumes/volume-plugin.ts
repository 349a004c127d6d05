import type { V1PersistentVolumeSpec, V1Volume } from "../../../supervisor/api/generated/types.ts";

type Sources = Omit<V1Volume, "name"> & Pick<V1PersistentVolumeSpec, "local">;

const names = {
  configMap: "configmap",
  downwardAPI: "downward-api",
  emptyDir: "empty-dir",
  hostPath: "host-path",
  local: "local-volume",
  nfs: "nfs",
  projected: "projected",
  secret: "secret",
} as const satisfies Partial<Record<keyof Sources, string>>;

/** The kubelet's name of what serves a volume; of a claim, that of the volume it is bound to. */
export function volumePlugin(sources: Sources): string {
  const found = Object.entries(names).find(([field]) => Object.hasOwn(sources, field));
  return found ? `kubernetes.io/${found[1]}` : "N/A";
}
