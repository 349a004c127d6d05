import { lookup } from "node:dns/promises";
import type {
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1PersistentVolumeSpec,
  V1Pod,
  V1Volume,
} from "../../../supervisor/api/generated/types.ts";
import type { MountedVolume } from "../../runtime/mounted-volume.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import { blockVolume, isBlockDevice } from "./block-volume.ts";
import { type ClaimExpansion, pendingExpansion } from "./claim-expansion.ts";
import { prepareHostPath } from "./host-path.ts";
import { VolumeError } from "./payload.ts";
import { volumePlugin } from "./volume-plugin.ts";

/** What claims are bound to; undefined where the API has no such object. */
export interface ClaimSource {
  claim(namespace: string, name: string): Promise<V1PersistentVolumeClaim | undefined>;
  persistentVolume(name: string): Promise<V1PersistentVolume | undefined>;
}

type Sources = Pick<V1Volume, "hostPath" | "nfs"> & {
  readonly local?: { readonly path: string; readonly fsType?: string };
  readonly volumeMode?: string;
  readonly mountOptions?: readonly string[];
};

/** A volume that somebody serves. */
export interface ServedVolume {
  readonly mounted: MountedVolume;
  /** As of {@link volumePlugin}. */
  readonly plugin: string;
  /** Whether it is of a kind that may grow while it is used. */
  readonly mayGrow: boolean;
  /** It has grown, and is to be shown so. */
  readonly expansion?: ClaimExpansion;
}

/**
 * A volume that somebody serves, ready to be mounted: folders of the host, exports of NFS servers, and claims for either;
 * undefined for every other. Throws in the kubelet's words.
 */
export async function servedVolume(
  pod: V1Pod,
  volume: V1Volume,
  claims: ClaimSource,
): Promise<ServedVolume | undefined> {
  const name = volume.persistentVolumeClaim?.claimName;
  if (name === undefined) {
    const mounted = await mountedVolume(pod, volume, volume);
    return mounted && { mounted, plugin: volumePlugin(volume), mayGrow: false };
  }
  const bound = await claimed(pod, volume.name, name, claims);
  const mounted = await mountedVolume(pod, volume, bound.spec);
  const plugin = volumePlugin(bound.spec);
  if (!bound.spec.local) return mounted && { mounted, plugin, mayGrow: false };
  const expansion = pendingExpansion(bound.claim, bound.persistentVolume);
  return mounted && { mounted, plugin, mayGrow: true, ...(expansion && { expansion }) };
}

async function mountedVolume(
  pod: V1Pod,
  volume: V1Volume,
  sources: Sources,
): Promise<MountedVolume | undefined> {
  const claim = volume.persistentVolumeClaim;
  const { hostPath, nfs, local } = sources;
  const readOnly = claim?.readOnly === true || nfs?.readOnly === true;
  if (hostPath) {
    await prepareHostPath(hostPath.path, hostPath.type);
    return { kind: "host", name: volume.name, path: hostPath.path, readOnly };
  }
  if (local && (await isBlockDevice(local.path))) {
    const { mountOptions, volumeMode } = sources;
    const fsGroup = pod.spec?.securityContext?.fsGroup;
    return await blockVolume(local.path, {
      name: volume.name,
      readOnly,
      isRaw: volumeMode === "Block",
      ...(local.fsType && { fsType: local.fsType }),
      ...(mountOptions && { mountOptions }),
      ...(fsGroup !== undefined && { fsGroup }),
    });
  }
  if (sources.volumeMode === "Block") {
    throw new VolumeError(
      `volume "${volume.name}" has volumeMode Block: expected the path of a block device`,
    );
  }
  if (local) {
    await prepareHostPath(local.path, "Directory");
    return { kind: "host", name: volume.name, path: local.path, readOnly };
  }
  if (!nfs) return undefined;
  const { mountOptions = [] } = sources;
  const server = nfs.server.replace(/^\[(.*)\]$/, "$1");
  const { address } = await lookup(server);
  const options = [...nfsOptions(mountOptions), `addr=${address}`].join(",");
  return { kind: "nfs", name: volume.name, source: `${address}:${nfs.path}`, options, readOnly };
}

/** The kernel knows one name of the version alone, and does not try others by itself. */
function nfsOptions(mountOptions: readonly string[]): string[] {
  const named = mountOptions.map((option) => option.replace(/^nfsvers=/, "vers="));
  return named.some((option) => option.startsWith("vers=")) ? named : ["vers=4.1", ...named];
}

interface BoundClaim {
  readonly claim: V1PersistentVolumeClaim;
  readonly persistentVolume: V1PersistentVolume;
  readonly spec: V1PersistentVolumeSpec;
}

async function claimed(
  pod: V1Pod,
  claimVolume: string,
  name: string,
  claims: ClaimSource,
): Promise<BoundClaim> {
  const { namespace } = podIdentity(pod);
  const claim = await claims.claim(namespace, name);
  if (!claim) throw new VolumeError(`persistentvolumeclaim "${name}" not found`);
  const volumeName = claim.spec?.volumeName ?? "";
  if (claim.status?.phase !== "Bound" || volumeName === "") {
    throw new VolumeError(
      `PVC ${namespace}/${name} has non-bound phase ("${claim.status?.phase ?? "Pending"}") or empty pvc.Spec.VolumeName ("${volumeName}")`,
    );
  }
  const persistentVolume = await claims.persistentVolume(volumeName);
  const spec = persistentVolume?.spec;
  if (!spec) throw new VolumeError(`persistentvolume "${volumeName}" not found`);
  checkMode(pod, claimVolume, volumeName, spec.volumeMode ?? "Filesystem");
  if (!spec.hostPath && !spec.local && !spec.nfs) {
    throw new VolumeError(
      `volume ${volumeName} is of a kind that this host does not serve: expected hostPath, local or nfs`,
    );
  }
  return { claim, persistentVolume, spec };
}

/** A claim is used as what it is (kubelet `volumehelper`, `checkVolumeModeFilesystem`). */
function checkMode({ spec }: V1Pod, volume: string, claimed: string, mode: string): void {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const isMounted = containers.some(({ volumeMounts }) => volumeMounts?.some(({ name }) => name === volume));
  const isDevice = containers.some(({ volumeDevices }) => volumeDevices?.some(({ name }) => name === volume));
  if (mode === "Block" && isMounted) {
    throw new VolumeError(`volume ${claimed} has volumeMode Block, but is specified in volumeMounts`);
  }
  if (mode !== "Block" && isDevice) {
    throw new VolumeError(`volume ${claimed} has volumeMode ${mode}, but is specified in volumeDevices`);
  }
}
