import type { V1PodSpec } from "../../../api/generated/types.ts";
import type { ApiObject, ObjectMeta } from "../../../apimachinery/object-meta.ts";
import type { Backend } from "../../../storage/backend.ts";
import { evaluatePod } from "./evaluate-pod.ts";
import { formatLevelVersion, type LevelVersion } from "./security-policy.ts";

/** How many Pods are looked at when a namespace's level changes. */
const maxPods = 3000;
const pageSize = 250;

/** What to tell who makes a namespace stricter than what runs in it. */
export async function existingPodWarnings(
  backend: Backend,
  namespace: string,
  enforce: LevelVersion,
): Promise<readonly string[]> {
  const { pods, total } = await readPods(backend, namespace);
  const podsByViolation = new Map<string, string[]>();
  for (const { spec, metadata } of pods) {
    const violations = evaluatePod(enforce, spec, metadata);
    if (violations.length === 0) continue;
    const reasons = violations.map(({ reason }) => reason).join(", ");
    podsByViolation.set(reasons, [...(podsByViolation.get(reasons) ?? []), metadata.name ?? ""]);
  }
  const warnings: string[] = [];
  if (pods.length < total) {
    const what = "new PodSecurity enforce level only checked against the first";
    warnings.push(`${what} ${pods.length} of ${total} existing pods`);
  }
  if (podsByViolation.size === 0) return warnings;
  const level = JSON.stringify(formatLevelVersion(enforce));
  const where = `existing pods in namespace ${JSON.stringify(namespace)}`;
  warnings.push(`${where} violate the new PodSecurity enforce level ${level}`);
  return [...warnings, ...Array.from(podsByViolation, ([reasons, names]) => describe(reasons, names)).sort()];
}

function describe(reasons: string, names: readonly string[]): string {
  const first = names.toSorted()[0] ?? "";
  const others = names.length - 1;
  if (others === 0) return `${first}: ${reasons}`;
  return `${first} (and ${others} other ${others === 1 ? "pod" : "pods"}): ${reasons}`;
}

async function readPods(backend: Backend, namespace: string) {
  const prefix = `/registry/pods/${namespace}/`;
  const pods: Array<{ readonly spec: V1PodSpec; readonly metadata: ObjectMeta }> = [];
  for (let after: string | undefined; ; ) {
    const range = await backend.range({ prefix, limit: pageSize, ...(after === undefined ? {} : { after }) });
    for (const { value } of range.items) {
      // Only Pods are stored under this prefix.
      const { metadata, spec } = JSON.parse(value) as ApiObject & { readonly spec: V1PodSpec };
      pods.push({ metadata, spec });
    }
    after = range.items.at(-1)?.key;
    const total = pods.length + range.remaining;
    if (range.remaining === 0 || after === undefined || pods.length >= maxPods) return { pods, total };
  }
}
