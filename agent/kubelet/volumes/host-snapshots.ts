import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import type { Lister } from "../../../supervisor/client/types.ts";
import { type Runtime, RuntimeError } from "../../runtime/runtime.ts";
import { KubeletError } from "../../server/container-path.ts";
import type { SnapshotWatch, VolumeReference, VolumeSnapshots } from "../../server/volume-snapshots.ts";
import { podRuntimeState } from "../pods/pod-runtime-state.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";

const suffix = ".img";
const partialSuffix = ".partial";

export interface HostSnapshotsOptions {
  readonly pods: Pick<Lister<V1Pod>, "get">;
  readonly runtime: Runtime;
  /** Where they are: `NAMESPACE/POD/VOLUME-TIME.img`. */
  readonly folder: string;
  readonly clock: Clock;
}

/** Snapshots of Pods' volumes, as files of this host. They are whoever asked for them's to remove. */
export class HostSnapshots implements VolumeSnapshots {
  readonly #options: HostSnapshotsOptions;

  constructor(options: HostSnapshotsOptions) {
    this.#options = options;
  }

  /** Removes what a daemon that was killed has not finished. */
  async sweep(): Promise<void> {
    const { folder } = this.#options;
    const files = await readdir(folder, { recursive: true }).catch(() => []);
    for (const file of files) if (file.endsWith(partialSuffix)) await rm(join(folder, file), { force: true });
  }

  async take({ namespace, pod, volume }: VolumeReference, watch: SnapshotWatch): Promise<string> {
    const { pods, runtime, folder, clock } = this.#options;
    const found = pods.get(`${namespace}/${pod}`);
    if (!found) throw new KubeletError(404, "pod does not exist");
    if (!found.spec?.volumes?.some(({ name }) => name === volume)) {
      throw new KubeletError(404, `volume ${JSON.stringify(volume)} not found in pod ${JSON.stringify(pod)}`);
    }
    const [sandbox] = podRuntimeState(runtime, podIdentity(found).uid).sandboxes;
    if (sandbox?.state !== "ready") {
      throw new RuntimeError("not-found", `Pod ${namespace}/${pod} is not running`);
    }
    // These names are of objects that the API has checked, so none leads elsewhere.
    const place = join(folder, namespace, pod);
    await mkdir(place, { recursive: true, mode: 0o700 });
    const time = new Date(clock.now()).toISOString().replaceAll(/[-:]/g, "");
    const path = join(place, `${volume}-${time}${suffix}`);
    const partial = path + partialSuffix;
    await runtime.snapshotVolume(sandbox.id, volume, { path: partial, ...watch });
    await rename(partial, path);
    return path;
  }
}
