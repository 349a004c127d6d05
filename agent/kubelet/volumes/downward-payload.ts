import type { V1DownwardAPIVolumeFile, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { type DownwardContext, fieldValue, resourceValue } from "../containers/downward-values.ts";
import { aggregate, type Payload, payloadPath, VolumeError } from "./payload.ts";

/** The files of what the Pod says of itself (kubelet `downwardapi.CollectData`). Throws {@link VolumeError}. */
export function downwardPayload(
  items: readonly V1DownwardAPIVolumeFile[],
  pod: V1Pod,
  context: DownwardContext,
  defaultMode: number,
): Payload {
  const payload: Payload = new Map();
  const errors: unknown[] = [];
  for (const item of items) {
    try {
      const content = Buffer.from(itemValue(item, pod, context));
      payload.set(payloadPath(item.path), { content, mode: item.mode ?? defaultMode });
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw aggregate(errors);
  return payload;
}

function itemValue(
  { fieldRef, resourceFieldRef }: V1DownwardAPIVolumeFile,
  pod: V1Pod,
  context: DownwardContext,
): string {
  if (fieldRef) {
    const { labels, annotations } = pod.metadata ?? {};
    if (fieldRef.fieldPath === "metadata.labels") return formatMap(labels);
    if (fieldRef.fieldPath === "metadata.annotations") return formatMap(annotations);
    return fieldValue(fieldRef, pod, context);
  }
  const [first] = pod.spec?.containers ?? [];
  if (!resourceFieldRef || !first) throw new VolumeError("the file names neither a field nor a resource");
  return resourceValue(resourceFieldRef, first, pod, context);
}

/** A line `key="value"` for each, by key (kubelet `fieldpath.FormatMap`). */
function formatMap(map: Readonly<Record<string, string>> = {}): string {
  const keys = Object.keys(map).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return keys.map((key) => `${key}=${JSON.stringify(map[key])}`).join("\n");
}
