import type { V1Pod, V1Volume } from "../../../supervisor/api/generated/types.ts";
import { quantityValue } from "../../../supervisor/apimachinery/quantity.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import type { EventRecorder } from "../../../supervisor/client/types.ts";
import type { Runtime, SandboxVolume } from "../../runtime/runtime.ts";
import type { DownwardContext } from "../containers/downward-values.ts";
import type { ManagedVolumes, StorageMetrics } from "../metrics/storage-metrics.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import type { ClaimExpander } from "./claim-expander.ts";
import { type Payload, VolumeError } from "./payload.ts";
import { type ServedVolume, servedVolume } from "./served-volume.ts";
import { volumeContents } from "./volume-contents.ts";
import { rootMode, versionFolder, volumeLayout } from "./volume-layout.ts";
import { volumePlugin } from "./volume-plugin.ts";
import { mountedVolumes } from "./volume-references.ts";
import type { VolumeSource } from "./volume-source.ts";
import { volumeVersion } from "./volume-version.ts";

/** What the host holds of one volume while it is on its way to the guest. */
const maxVolumeBytes = 64 << 20;

export interface PodVolumesOptions {
  readonly runtime: Pick<Runtime, "writeVolume" | "mountVolumes">;
  readonly expander: ClaimExpander;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly metrics: StorageMetrics;
  readonly random: () => number;
  readonly source: VolumeSource;
  readonly node: () => Omit<DownwardContext, "podAddresses">;
}

type GatheredVolume = SandboxVolume | ServedVolume;

/** What a Pod's volumes held at one time. */
export interface GatheredVolumes {
  /** Counts the gatherings of all Pods. */
  readonly order: number;
  readonly volumes: readonly SandboxVolume[];
  /** Those that others serve. */
  readonly served: readonly ServedVolume[];
}

/**
 * Fills Pods' volumes: what they hold is gathered from the API and written into the machine's memory. What cannot be
 * had is told by an event.
 */
export class PodVolumes {
  readonly #options: PodVolumesOptions;
  /** The newest machine of each Pod that has all its volumes, and their gathering, by the Pod's uid. */
  readonly #filled = new Map<string, { readonly sandboxId: string; readonly order: number }>();
  /** The plugins of volumes by their names in the Pod, as far as they were gathered, by the Pod's uid. */
  readonly #plugins = new Map<string, Map<string, string>>();
  #gatherings = 0;

  constructor(options: PodVolumesOptions) {
    this.#options = options;
  }

  areIn(pod: V1Pod, sandboxId: string): boolean {
    return this.#filled.get(podIdentity(pod).uid)?.sandboxId === sandboxId;
  }

  /** What the volumes that containers mount hold; undefined where one cannot be had. Never rejects. */
  async gather(pod: V1Pod): Promise<GatheredVolumes | undefined> {
    const order = ++this.#gatherings;
    const gathered = await Promise.all(
      mountedVolumes(pod).map(async (volume) => {
        try {
          return await this.#gatherOne(pod, volume);
        } catch (error) {
          this.#tell(pod, volume.name, error);
          return undefined;
        }
      }),
    );
    const found = gathered.filter((volume) => volume !== undefined);
    if (found.length < gathered.length) return undefined;
    const isServed = (volume: GatheredVolume): volume is ServedVolume => "mounted" in volume;
    const isWritten = (volume: GatheredVolume): volume is SandboxVolume => !isServed(volume);
    return { order, served: found.filter(isServed), volumes: found.filter(isWritten) };
  }

  /** Puts the volumes into the machine, unless it has what was gathered later. False where one could not be written. */
  async write(pod: V1Pod, sandboxId: string, gathered: GatheredVolumes): Promise<boolean> {
    const { uid } = podIdentity(pod);
    const last = this.#filled.get(uid);
    if (last?.sandboxId === sandboxId && last.order > gathered.order) return true;
    const { runtime, metrics } = this.#options;
    for (const volume of gathered.volumes) {
      try {
        const plugins = [this.#pluginOf(uid, volume.name)];
        await metrics.measured("volume_mount", plugins, () => runtime.writeVolume(sandboxId, volume));
      } catch (error) {
        this.#tell(pod, volume.name, error);
        return false;
      }
    }
    if (gathered.served.length > 0 && last?.sandboxId !== sandboxId) {
      try {
        const mounted = gathered.served.map((served) => served.mounted);
        const plugins = gathered.served.map(({ plugin }) => plugin);
        await metrics.measured("volume_mount", plugins, () => runtime.mountVolumes(sandboxId, mounted));
      } catch (error) {
        for (const { mounted } of gathered.served) this.#tell(pod, mounted.name, error);
        return false;
      }
    }
    const isNew = last?.sandboxId !== sandboxId;
    for (const served of gathered.served) {
      if (!(await this.#expand(pod, sandboxId, served, isNew))) return false;
    }
    this.#filled.set(uid, { sandboxId, order: gathered.order });
    return true;
  }

  forget(uid: string): void {
    this.#filled.delete(uid);
    this.#plugins.delete(uid);
  }

  /** Which volumes of these Pods are to be in machines, and which are. */
  managed(pods: readonly V1Pod[]): ManagedVolumes {
    const pluginsOf = (pod: V1Pod): string[] => {
      const known = this.#plugins.get(podIdentity(pod).uid);
      return mountedVolumes(pod).map((volume) => known?.get(volume.name) ?? volumePlugin(volume));
    };
    const filled = pods.filter((pod) => this.#filled.has(podIdentity(pod).uid));
    return { desired: pods.flatMap(pluginsOf), actual: filled.flatMap(pluginsOf) };
  }

  /** A volume that cannot be had is an operation that failed; one that can is counted when it is mounted. */
  async #gatherOne(pod: V1Pod, volume: V1Volume): Promise<GatheredVolume> {
    const { uid } = podIdentity(pod);
    const plugins = this.#plugins.get(uid) ?? new Map<string, string>();
    try {
      const gathered = await this.#gather(pod, volume);
      plugins.set(volume.name, "mounted" in gathered ? gathered.plugin : volumePlugin(volume));
      this.#plugins.set(uid, plugins);
      return gathered;
    } catch (error) {
      this.#options.metrics.failed("volume_mount", plugins.get(volume.name) ?? volumePlugin(volume));
      throw error;
    }
  }

  #pluginOf(uid: string, volume: string): string {
    return this.#plugins.get(uid)?.get(volume) ?? "N/A";
  }

  async #gather(pod: V1Pod, volume: V1Volume): Promise<GatheredVolume> {
    const served = await servedVolume(pod, volume, this.#options.source);
    if (served) return served;
    const { source, node, clock, random } = this.#options;
    const context = { ...node(), podAddresses: [] };
    const fsGroup = pod.spec?.securityContext?.fsGroup;
    const group = fsGroup === undefined ? {} : { group: fsGroup };
    const payload = await volumeContents(volume, { pod, source, context });
    if (!payload) return { name: volume.name, ...emptyVolume(volume, fsGroup), ...group, entries: [] };
    checkSize(payload);
    return {
      name: volume.name,
      mode: rootMode(fsGroup),
      ...group,
      version: volumeVersion(payload),
      entries: volumeLayout(payload, versionFolder(clock.now(), random()), fsGroup),
    };
  }

  /** Grows a volume that has become larger; false where that failed. */
  async #expand(
    pod: V1Pod,
    sandboxId: string,
    { mounted, plugin, expansion }: ServedVolume,
    isNew: boolean,
  ): Promise<boolean> {
    // Who may only read was told when it was mounted.
    if (!expansion || (mounted.readOnly && !isNew)) return true;
    const { expander, metrics } = this.#options;
    try {
      await metrics.measured("volume_fs_resize", [plugin], () =>
        expander.expand({ pod, sandboxId, mounted, expansion }),
      );
      return true;
    } catch (error) {
      const [reason, what] = isNew
        ? ["FailedMount", "MountVolume.MountDevice failed while expanding volume"]
        : ["VolumeResizeFailed", "NodeExpandVolume.NodeExpandVolume failed"];
      const text = `${what} for volume "${expansion.volume}" : ${messageOf(error)}`;
      this.#options.recorder.event(pod, "Warning", reason, text);
      return false;
    }
  }

  #tell(pod: V1Pod, volume: string, error: unknown): void {
    const why = messageOf(error);
    const text = `MountVolume.SetUp failed for volume "${volume}" : ${why}`;
    this.#options.recorder.event(pod, "Warning", "FailedMount", text);
  }
}

function emptyVolume(
  { emptyDir }: V1Volume,
  fsGroup: number | undefined,
): Pick<SandboxVolume, "mode" | "sizeBytes" | "medium"> {
  const sizeBytes = emptyDir?.sizeLimit === undefined ? 0 : quantityValue(emptyDir.sizeLimit);
  return {
    mode: fsGroup === undefined ? 0o777 : 0o2777,
    ...(sizeBytes > 0 && { sizeBytes }),
    ...(emptyDir?.medium !== "Memory" && { medium: "disk" }),
  };
}

function checkSize(payload: Payload): void {
  const bytes = payload.values().reduce((sum, { content }) => sum + content.length, 0);
  if (bytes <= maxVolumeBytes) return;
  throw new VolumeError(`the volume's files have ${bytes} bytes, expected at most ${maxVolumeBytes}`);
}
