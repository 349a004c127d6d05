import type { V1Container, V1PodSpec } from "../../../api/generated/types.ts";
import type { ObjectMeta } from "../../../apimachinery/object-meta.ts";

/** Why a Pod breaks a rule: in short, and in full for one object. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

export type CheckPod = (spec: V1PodSpec, metadata: ObjectMeta) => Violation | undefined;

/** A rule of the Pod security standards, in the revisions that it had. */
export interface SecurityCheck {
  readonly id: string;
  readonly revisions: ReadonlyArray<{
    /** The minor version of Kubernetes since which this revision holds. */
    readonly since: number;
    readonly check: CheckPod;
  }>;
  /** For a restricted rule, the baseline rule that it takes the place of. */
  readonly overrides?: string;
}

type Container = Pick<V1Container, "name" | "securityContext" | "ports" | "lifecycle"> &
  Pick<V1Container, "livenessProbe" | "readinessProbe" | "startupProbe">;

/** All containers of a Pod, in the order in which messages name them. */
export function allContainers(spec: V1PodSpec): readonly Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

/** The names of those containers that a rule finds bad. */
export function containersWhere(
  spec: V1PodSpec,
  isBad: (container: Container) => boolean,
): readonly string[] {
  return allContainers(spec)
    .filter(isBad)
    .map(({ name }) => name);
}

/** `"a", "b"`. */
export function quoted(items: Iterable<string>): string {
  return Array.from(items, (item) => `"${item}"`).join(", ");
}

/** Texts without doubles, sorted. */
export function sortedSet(items: Iterable<string>): readonly string[] {
  return Array.from(new Set(items)).sort();
}

export function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

/** `container "a"`, `containers "a", "b"`. */
export function containerList(names: readonly string[]): string {
  return `${plural("container", names.length)} ${quoted(names)}`;
}

/** `pod and containers "a", "b"`: who sets something. */
export function setters(isPod: boolean, names: readonly string[]): string {
  return [...(isPod ? ["pod"] : []), ...(names.length === 0 ? [] : [containerList(names)])].join(" and ");
}

/** Windows' Pods cannot have what these rules ask for. */
export function exceptOnWindows(check: CheckPod): CheckPod {
  return (spec, metadata) => (spec.os?.name === "windows" ? undefined : check(spec, metadata));
}

/** Root in a user namespace of its own is nobody outside of it. */
export function exceptInUserNamespace(check: CheckPod): CheckPod {
  return (spec, metadata) => (spec.hostUsers === false ? undefined : check(spec, metadata));
}
