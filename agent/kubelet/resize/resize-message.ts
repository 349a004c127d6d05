import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { resizableContainers } from "./container-allocation.ts";

/** The text of a resize's event: what happened, and in JSON the resources, the generation and the error. */
export function resizeMessage(what: string, pod: V1Pod, error?: string): string {
  const summary = {
    ...containersOf("initContainers", pod.spec?.initContainers ?? [], pod),
    ...containersOf("containers", pod.spec?.containers ?? [], pod),
    generation: pod.metadata?.generation ?? 0,
    ...(error && { error }),
  };
  return `Pod resize ${what}: ${JSON.stringify(summary)}`;
}

function containersOf(key: string, containers: readonly V1Container[], pod: V1Pod): Record<string, unknown> {
  const resizable = new Set(resizableContainers(pod).map(({ name }) => name));
  const list = containers
    .filter(({ name }) => resizable.has(name))
    .map(({ name, resources = {} }) => ({ name, resources }));
  return list.length > 0 ? { [key]: list } : {};
}
