/** What a Deployment writes on its ReplicaSets to remember (kubernetes `deployment_util.go`). */
import type { V1Deployment, V1ReplicaSet } from "../../api/generated/types.ts";
import type { KubernetesObject } from "../../client/types.ts";

export const revisionAnnotation = "deployment.kubernetes.io/revision";
const historyAnnotation = "deployment.kubernetes.io/revision-history";
const desiredAnnotation = "deployment.kubernetes.io/desired-replicas";
const maxAnnotation = "deployment.kubernetes.io/max-replicas";

/** The history of a set's revisions has no more characters. */
const longestHistory = 2000;

/** What is said of the Deployment alone, or of the set alone. */
const notCopied: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  "deprecated.deployment.rollback.to",
]);

type Annotations = Readonly<Record<string, string>>;

function annotationsOf({ metadata }: KubernetesObject): Annotations {
  return metadata?.annotations ?? {};
}

/** 0 where there is none, or none that is a number. */
export function revisionOf(set: V1ReplicaSet): number {
  return integerOf(annotationsOf(set)[revisionAnnotation]) ?? 0;
}

/** How many Pods its Deployment wanted when the set was last scaled. */
export function desiredReplicasOf(set: V1ReplicaSet): number | undefined {
  return integerOf(annotationsOf(set)[desiredAnnotation]);
}

/** And how many it would have had at most. */
export function maxReplicasOf(set: V1ReplicaSet): number | undefined {
  return integerOf(annotationsOf(set)[maxAnnotation]);
}

function integerOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

export function scaleAnnotations(desired: number, surge: number): Annotations {
  return { [desiredAnnotation]: String(desired), [maxAnnotation]: String(desired + surge) };
}

/** Whether some of the annotations are not on the object, or have another value there. */
export function lacksAnnotations(object: KubernetesObject, wanted: Annotations): boolean {
  const present = annotationsOf(object);
  return Object.entries(wanted).some(([name, value]) => present[name] !== value);
}

/** What the Deployment's newest set is annotated with, beside what it has: the Deployment's own, and its revision. */
export function newSetAnnotations(
  deployment: V1Deployment,
  set: KubernetesObject,
  revision: number,
): Annotations {
  const copied = Object.entries(annotationsOf(deployment)).filter(([name]) => !notCopied.has(name));
  const { [revisionAnnotation]: old = "", [historyAnnotation]: history = "" } = annotationsOf(set);
  const oldRevision = old === "" ? 0 : integerOf(old);
  const annotations = Object.fromEntries(copied);
  // A revision that somebody wrote and that is none is left alone.
  if (oldRevision === undefined || oldRevision >= revision) return annotations;
  annotations[revisionAnnotation] = String(revision);
  if (old !== "") annotations[historyAnnotation] = withRevision(history, old);
  return annotations;
}

/** The history with one more revision; the oldest are dropped where it becomes too long. */
function withRevision(history: string, revision: string): string {
  const revisions = history === "" ? [revision] : [...history.split(","), revision];
  while (revisions.join(",").length > longestHistory) revisions.shift();
  return revisions.join(",");
}
