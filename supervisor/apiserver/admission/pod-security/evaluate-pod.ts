import type { V1PodSpec } from "../../../api/generated/types.ts";
import type { ObjectMeta } from "../../../apimachinery/object-meta.ts";
import { baselineChecks } from "./baseline-checks.ts";
import { restrictedChecks } from "./restricted-checks.ts";
import type { CheckPod, SecurityCheck, Violation } from "./security-check.ts";
import type { LevelVersion } from "./security-policy.ts";

/** All that a Pod breaks of a level, in the order of upstream's messages. */
export function evaluatePod(
  { level, minor }: LevelVersion,
  spec: V1PodSpec,
  metadata: ObjectMeta,
): readonly Violation[] {
  if (level === "privileged") return [];
  const restricted = level === "restricted" ? inForce(restrictedChecks, minor) : [];
  const overridden = new Set(restricted.map(({ overrides }) => overrides));
  const baseline = inForce(baselineChecks, minor).filter(({ id }) => !overridden.has(id));
  return [...baseline, ...restricted]
    .map(({ check }) => check(spec, metadata))
    .filter((violation) => violation !== undefined);
}

/** The revisions that hold in a version. */
function inForce(checks: readonly SecurityCheck[], minor: number) {
  return checks.flatMap(({ id, overrides, revisions }) => {
    const check: CheckPod | undefined = revisions.findLast(({ since }) => since <= minor)?.check;
    return check === undefined ? [] : [{ id, overrides, check }];
  });
}

/** `privileged (container "a" must not …), hostPort (…)`. */
export function describeViolations(violations: readonly Violation[]): string {
  return violations
    .map(({ reason, detail }) => (detail === "" ? reason : `${reason} (${detail})`))
    .join(", ");
}
