/** When a claim's volume has grown and the claim does not say so yet (kubernetes `pkg/volume/util/operationexecutor`). */
import type {
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1PersistentVolumeClaimCondition,
  V1PersistentVolumeClaimStatus,
} from "../../../supervisor/api/generated/types.ts";
import { compareQuantities } from "../../../supervisor/apimachinery/resource-list.ts";
import { timestamp } from "../../../supervisor/base/timestamp.ts";

/** A volume that is to be grown for its claim. */
export interface ClaimExpansion {
  readonly claim: V1PersistentVolumeClaim;
  /** The PersistentVolume's name. */
  readonly volume: string;
  /** The size that the volume has now, as a quantity. */
  readonly size: string;
  /** Whether a controller follows the steps in `status.allocatedResourceStatuses`. */
  readonly tellsSteps: boolean;
}

/** Conditions that tell of growing, and go when it is done. */
const resizeConditions = ["FileSystemResizePending", "Resizing", "ControllerResizeError", "NodeResizeError"];
const nodesTurn = ["NodeResizePending", "NodeResizeInProgress"];

/** What is to be done for a bound claim on its node; undefined for nothing. */
export function pendingExpansion(
  claim: V1PersistentVolumeClaim,
  { metadata, spec }: V1PersistentVolume,
): ClaimExpansion | undefined {
  const { capacity, allocatedResources, allocatedResourceStatuses } = claim.status ?? {};
  const size = spec?.capacity?.storage ?? "0";
  if (compareQuantities(size, capacity?.storage ?? "0") <= 0) return undefined;
  const step = allocatedResourceStatuses?.storage ?? "";
  const tellsSteps = step !== "" || allocatedResources !== undefined;
  if (tellsSteps && !nodesTurn.includes(step)) return undefined;
  return { claim, volume: metadata?.name ?? "", size, tellsSteps };
}

/** As a merge patch of the status. */
export function inProgressStatus(): object {
  return { allocatedResourceStatuses: { storage: "NodeResizeInProgress" } };
}

/** As a merge patch of the status: the claim has what its volume has. */
export function finishedStatus(
  { size, tellsSteps }: ClaimExpansion,
  { conditions = [] }: V1PersistentVolumeClaimStatus,
): object {
  const others = conditions.filter(({ type }) => !resizeConditions.includes(type));
  const steps = tellsSteps ? { allocatedResourceStatuses: { storage: null } } : {};
  return { capacity: { storage: size }, conditions: others.length > 0 ? others : null, ...steps };
}

/** As a merge patch of the status; what was said before of growing stays. */
export function failedStatus(
  error: string,
  { conditions = [] }: V1PersistentVolumeClaimStatus,
  nowMs: number,
): object {
  const type = "NodeResizeError";
  const known = conditions.find((condition) => condition.type === type);
  const failed: V1PersistentVolumeClaimCondition = {
    type,
    status: "True",
    lastTransitionTime: known?.lastTransitionTime ?? timestamp(nowMs),
    message: `failed to expand pvc with ${error}`,
  };
  return { conditions: [...conditions.filter((condition) => condition.type !== type), failed] };
}
