import type { ApiError } from "../../apimachinery/errors.ts";
import { newForbidden } from "../../apimachinery/status-errors.ts";
import type { AdmissionRequest } from "./admission.ts";

/** How a plug-in refuses a write (apiserver `admission.NewForbidden`). */
export function refusal({ context, object, old }: AdmissionRequest, why: string): ApiError {
  const { name, generateName } = object?.metadata ?? old?.metadata ?? {};
  return newForbidden(
    context.store.groupResource,
    context.info.name || name || generateName || "Unknown",
    why,
  );
}

/** Several complaints as one text: `[a, b]` (apimachinery `utilerrors.NewAggregate`). */
export function aggregated(complaints: readonly string[]): string {
  const [first = "", ...others] = new Set(complaints);
  return others.length === 0 ? first : `[${[first, ...others].join(", ")}]`;
}
