/** What a namespace's labels ask of its Pods (pod-security-admission `api`). */
import { type FieldError, invalidField } from "../../../apimachinery/field-error.ts";
import type { Labels } from "../../../apimachinery/labels.ts";

const levels = ["privileged", "baseline", "restricted"] as const;
type Level = (typeof levels)[number];

/** A level as of a version of Kubernetes. */
export interface LevelVersion {
  readonly level: Level;
  /** The minor version; infinity for the latest. */
  readonly minor: number;
}

type Mode = "enforce" | "audit" | "warn";

export interface SecurityPolicy extends Readonly<Record<Mode, LevelVersion>> {
  /** What is wrong with the labels. */
  readonly errors: readonly FieldError[];
}

const prefix = "pod-security.kubernetes.io/";
const nothing: LevelVersion = { level: "privileged", minor: Number.POSITIVE_INFINITY };
export const noSecurityPolicy: SecurityPolicy = {
  enforce: nothing,
  audit: nothing,
  warn: nothing,
  errors: [],
};

/** `baseline:latest`, `restricted:v1.30`. */
export function formatLevelVersion({ level, minor }: LevelVersion): string {
  return `${level}:${Number.isFinite(minor) ? `v1.${minor}` : "latest"}`;
}

/** Less than, equal to or greater than 0, as `left` is less, equally or more strict than `right`. */
export function compareLevels(left: LevelVersion, right: LevelVersion): number {
  return levels.indexOf(left.level) - levels.indexOf(right.level);
}

/** The policy of labels; undefined where they ask for nothing. */
export function securityPolicyOf(labels: Labels): SecurityPolicy | undefined {
  if (!Object.keys(labels).some((label) => label.startsWith(prefix))) return undefined;
  const errors: FieldError[] = [];
  const enforce = modeOf(labels, "enforce", "restricted", errors);
  const audit = modeOf(labels, "audit", "privileged", errors);
  const own = modeOf(labels, "warn", "privileged", errors);
  const isEnforced = isLevel(labels[`${prefix}enforce`]) && compareLevels(enforce, own) > 0;
  const followsEnforce = isEnforced && labels[`${prefix}warn`] === undefined;
  const minor = labels[`${prefix}warn-version`] === undefined ? enforce.minor : own.minor;
  const warn = followsEnforce ? { level: enforce.level, minor } : own;
  return { enforce, audit, warn, errors };
}

function isLevel(text: string | undefined): text is Level {
  return levels.some((level) => level === text);
}

function modeOf(labels: Labels, mode: Mode, onError: Level, errors: FieldError[]): LevelVersion {
  const refuse = (label: string, value: string, why: string) =>
    errors.push(invalidField(`metadata.labels[${label}]`, value, why));
  const levelText = labels[prefix + mode];
  let level: Level = "privileged";
  if (isLevel(levelText)) level = levelText;
  else if (levelText !== undefined) {
    level = onError;
    refuse(prefix + mode, levelText, `must be one of ${levels.join(", ")}`);
  }
  const label = `${prefix}${mode}-version`;
  const version = labels[label];
  if (version === undefined || version === "latest") return { level, minor: Number.POSITIVE_INFINITY };
  const minor = /^v1\.(0|[1-9]\d*)$/.exec(version)?.[1];
  if (minor === undefined) refuse(label, version, 'must be "latest" or "v1.x"');
  return { level, minor: minor === undefined ? Number.POSITIVE_INFINITY : Number(minor) };
}
