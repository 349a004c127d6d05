import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import type { EventRecorder } from "../../supervisor/client/types.ts";
import type { FieldProblem, FieldSupport } from "./field-support.ts";

/** What a field's problem is, as events and the waiting containers say it. */
export function fieldProblemText({ path, why }: FieldProblem): string {
  return `${path} is not supported on this host: ${why}`;
}

/** Records which fields of the Pod this host does not honour: one event for each refused, one for all others. */
export function tellOfFields(recorder: EventRecorder, pod: V1Pod, { refused, ignored }: FieldSupport): void {
  for (const problem of refused) {
    const text = fieldProblemText(problem);
    const index = /^spec\.volumes\[(\d+)\]/.exec(problem.path)?.[1];
    const volume = index === undefined ? undefined : pod.spec?.volumes?.[Number(index)]?.name;
    if (problem.path === "spec.resourceClaims")
      recorder.event(
        pod,
        "Warning",
        "FailedPrepareDynamicResources",
        `Failed to prepare dynamic resources: ${text}`,
      );
    else if (volume === undefined) recorder.event(pod, "Warning", "FieldNotSupported", text);
    else
      recorder.event(
        pod,
        "Warning",
        "FailedMount",
        `MountVolume.SetUp failed for volume "${volume}" : ${text}`,
      );
  }
  if (ignored.length === 0) return;
  const list = ignored.map(({ path, why }) => `${path} (${why})`).join(", ");
  recorder.event(pod, "Warning", "FieldNotHonoured", `The Pod runs without ${list}`);
}
