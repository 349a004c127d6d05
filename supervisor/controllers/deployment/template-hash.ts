/** Which ReplicaSet is of which Pod template. */
import type { V1PodTemplateSpec } from "../../api/generated/types.ts";

/** On ReplicaSets, their selectors and their Pods: keeps those of different templates apart. */
export const hashLabel = "pod-template-hash";

/** Neither vowels nor digits that look like some: no words come of it (apimachinery `SafeEncodeString`). */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";

/** A short text for a template, by FNV-1a; another one for each count of collisions. */
export function templateHash(template: V1PodTemplateSpec, collisionCount = 0): string {
  const text = JSON.stringify([template, collisionCount], sortKeys);
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return Array.from(String(hash), (digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join("");
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Whether two templates are the same but for the hash among their labels. */
export function isSameTemplate(left: V1PodTemplateSpec = {}, right: V1PodTemplateSpec = {}): boolean {
  return Bun.deepEquals(withoutHash(left), withoutHash(right));
}

function withoutHash(template: V1PodTemplateSpec): V1PodTemplateSpec {
  const { [hashLabel]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
