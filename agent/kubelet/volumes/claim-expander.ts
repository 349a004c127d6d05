import type { V1PersistentVolumeClaim, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import type { EventRecorder, KubernetesClient } from "../../../supervisor/client/types.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type ClaimExpansion, failedStatus, finishedStatus, inProgressStatus } from "./claim-expansion.ts";
import { VolumeError } from "./payload.ts";
import type { ServedVolume } from "./served-volume.ts";

export interface ClaimExpanderOptions {
  readonly client: KubernetesClient;
  readonly runtime: Pick<Runtime, "expandVolume">;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

/** A volume in a machine, and what is to be done for its claim. */
export interface ExpandedVolume extends Pick<ServedVolume, "mounted"> {
  readonly pod: V1Pod;
  readonly sandboxId: string;
  readonly expansion: ClaimExpansion;
}

/** Grows volumes in their machines, and tells claims and events of it as the kubelet does (`node_expander.go`). */
export class ClaimExpander {
  readonly #options: ClaimExpanderOptions;

  constructor(options: ClaimExpanderOptions) {
    this.#options = options;
  }

  /** Throws in the kubelet's words; what was done by then does nothing when it is done again. */
  async expand({ pod, sandboxId, mounted, expansion }: ExpandedVolume): Promise<void> {
    const { volume, tellsSteps } = expansion;
    if (mounted.readOnly) {
      const text = `MountVolume.NodeExpandVolume failed for volume "${volume}" requested read-only file system`;
      this.#tell(pod, expansion, "Warning", "FileSystemResizeFailed", text);
      return;
    }
    let { claim } = expansion;
    if (tellsSteps) claim = await this.#patch(claim, inProgressStatus());
    try {
      if (mounted.kind === "block") await this.#options.runtime.expandVolume(sandboxId, mounted);
    } catch (error) {
      const failed = failedStatus(messageOf(error), claim.status ?? {}, this.#options.clock.now());
      if (tellsSteps) await this.#patch(claim, failed);
      throw error;
    }
    const node = pod.spec?.nodeName ?? "";
    const text = `MountVolume.NodeExpandVolume succeeded for volume "${volume}" ${node}`;
    this.#tell(pod, expansion, "Normal", "FileSystemResizeSuccessful", text);
    await this.#patch(claim, finishedStatus(expansion, claim.status ?? {}));
  }

  #tell(
    pod: V1Pod,
    { claim }: ClaimExpansion,
    type: "Normal" | "Warning",
    reason: string,
    text: string,
  ): void {
    for (const object of [pod, claim]) this.#options.recorder.event(object, type, reason, text);
  }

  /** Refused where somebody else has changed the claim meanwhile: it is read and looked at again. */
  async #patch(claim: V1PersistentVolumeClaim, status: object): Promise<V1PersistentVolumeClaim> {
    const { namespace, name = "", resourceVersion } = claim.metadata ?? {};
    const claims = this.#options.client.resource<V1PersistentVolumeClaim>(
      { group: "", version: "v1", resource: "persistentvolumeclaims" },
      namespace,
    );
    const patch = { metadata: { resourceVersion }, status };
    try {
      return await claims.patch(name, patch, "application/merge-patch+json", "status");
    } catch (error) {
      const text = `mountVolume.NodeExpandVolume update pvc status failed: ${messageOf(error)}`;
      throw new VolumeError(text, { cause: error });
    }
  }
}
