import type { V1Pod, V1Volume } from "../../../supervisor/api/generated/types.ts";
import { quantityValue } from "../../../supervisor/apimachinery/quantity.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import type { EventRecorder } from "../../../supervisor/client/types.ts";
import type { Runtime, SandboxVolume } from "../../runtime/runtime.ts";
import type { DownwardContext } from "../containers/downward-values.ts";
import { BackOff } from "../pods/back-off.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import { type Payload, VolumeError } from "./payload.ts";
import { volumeContents } from "./volume-contents.ts";
import { rootMode, volumeLayout } from "./volume-layout.ts";
import type { VolumeSource } from "./volume-source.ts";

/** The kubelet's wait after a volume that could not be had (`goroutinemap/exponentialbackoff`). */
const backOffInitialMs = 500;
const backOffMaxMs = 122_000;
/** What the host holds of one volume while it is on its way to the guest. */
const maxVolumeBytes = 64 << 20;

export interface PodVolumesOptions {
  readonly runtime: Pick<Runtime, "writeVolume">;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly source: VolumeSource;
  readonly node: () => Omit<DownwardContext, "podAddresses">;
}

/**
 * Fills Pods' volumes: what they hold is gathered from the API once for each machine and written into its memory. What
 * cannot be had is told by an event and waits for its back-off.
 */
export class PodVolumes {
  readonly #options: PodVolumesOptions;
  readonly #backOff: BackOff;
  /** The newest machine of each Pod that has all its volumes, by the Pod's uid. */
  readonly #filled = new Map<string, string>();

  constructor(options: PodVolumesOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.clock, backOffInitialMs, backOffMaxMs);
  }

  /** How long the Pod is to wait yet before its volumes are tried again. */
  remainingMs(pod: V1Pod): number {
    return this.#backOff.remaining(podIdentity(pod).uid);
  }

  /** Whether the last attempt failed. */
  hasFailed(pod: V1Pod): boolean {
    return this.#backOff.delayMs(podIdentity(pod).uid) > 0;
  }

  areIn(pod: V1Pod, sandboxId: string): boolean {
    return this.#filled.get(podIdentity(pod).uid) === sandboxId;
  }

  /** What the volumes that containers mount hold; undefined where one cannot be had. Never rejects. */
  async gather(pod: V1Pod): Promise<readonly SandboxVolume[] | undefined> {
    const gathered = await Promise.all(
      mountedVolumes(pod).map(async (volume) => {
        try {
          return await this.#gather(pod, volume);
        } catch (error) {
          this.#tell(pod, volume.name, error);
          return undefined;
        }
      }),
    );
    const volumes = gathered.filter((volume) => volume !== undefined);
    if (volumes.length === gathered.length) return volumes;
    this.#failed(pod);
    return undefined;
  }

  /** Puts the volumes into the machine. False where one could not be written. */
  async write(pod: V1Pod, sandboxId: string, volumes: readonly SandboxVolume[]): Promise<boolean> {
    const { uid } = podIdentity(pod);
    for (const volume of volumes) {
      try {
        await this.#options.runtime.writeVolume(sandboxId, volume);
      } catch (error) {
        this.#tell(pod, volume.name, error);
        this.#failed(pod);
        return false;
      }
    }
    this.#backOff.forget(uid);
    this.#filled.set(uid, sandboxId);
    return true;
  }

  forget(uid: string): void {
    this.#backOff.forget(uid);
    this.#filled.delete(uid);
  }

  async #gather(pod: V1Pod, volume: V1Volume): Promise<SandboxVolume> {
    const { source, node, clock } = this.#options;
    const context = { ...node(), podAddresses: [] };
    const fsGroup = pod.spec?.securityContext?.fsGroup;
    const group = fsGroup === undefined ? {} : { group: fsGroup };
    const payload = await volumeContents(volume, { pod, source, context });
    if (!payload) return { name: volume.name, ...emptyVolume(volume, fsGroup), ...group, entries: [] };
    checkSize(payload);
    const entries = volumeLayout(payload, clock.now(), fsGroup);
    return { name: volume.name, mode: rootMode(fsGroup), ...group, entries };
  }

  #failed(pod: V1Pod): void {
    this.#backOff.next(podIdentity(pod).uid, this.#options.clock.now());
  }

  #tell(pod: V1Pod, volume: string, error: unknown): void {
    const why = messageOf(error);
    const text = `MountVolume.SetUp failed for volume "${volume}" : ${why}`;
    this.#options.recorder.event(pod, "Warning", "FailedMount", text);
  }
}

/** The Pod's volumes without those that no container mounts. */
function mountedVolumes({ spec }: V1Pod): readonly V1Volume[] {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const mounted = new Set(
    containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)),
  );
  return (spec?.volumes ?? []).filter(({ name }) => mounted.has(name));
}

function emptyVolume(
  { emptyDir }: V1Volume,
  fsGroup: number | undefined,
): Pick<SandboxVolume, "mode" | "sizeBytes"> {
  const sizeBytes = emptyDir?.sizeLimit === undefined ? 0 : quantityValue(emptyDir.sizeLimit);
  return { mode: fsGroup === undefined ? 0o777 : 0o2777, ...(sizeBytes > 0 && { sizeBytes }) };
}

function checkSize(payload: Payload): void {
  const bytes = payload.values().reduce((sum, { content }) => sum + content.length, 0);
  if (bytes <= maxVolumeBytes) return;
  throw new VolumeError(`the volume's files have ${bytes} bytes, expected at most ${maxVolumeBytes}`);
}
