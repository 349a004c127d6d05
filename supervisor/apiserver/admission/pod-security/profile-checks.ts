/** Rules about AppArmor, seccomp and SELinux (pod-security-admission `policy`). */
import type { V1PodSpec, V1SELinuxOptions } from "../../../api/generated/types.ts";
import type { ObjectMeta } from "../../../apimachinery/object-meta.ts";
import {
  allContainers,
  type CheckPod,
  containerList,
  containersWhere,
  plural,
  quoted,
  setters,
  sortedSet,
  type Violation,
} from "./security-check.ts";

interface Profile {
  readonly type: string;
}

function isGood(profile: Profile | undefined): boolean {
  return profile === undefined || profile.type === "RuntimeDefault" || profile.type === "Localhost";
}

/** Who sets a profile of a forbidden type, and which. */
function badProfiles(spec: V1PodSpec, field: "appArmorProfile" | "seccompProfile") {
  const ofPod = spec.securityContext?.[field];
  const names = containersWhere(spec, ({ securityContext }) => !isGood(securityContext?.[field]));
  const all = [ofPod, ...allContainers(spec).map(({ securityContext }) => securityContext?.[field])];
  const types = sortedSet(all.filter((profile) => !isGood(profile)).map((profile) => profile?.type ?? ""));
  return { setters: setters(!isGood(ofPod), names), types };
}

export function appArmorProfile(spec: V1PodSpec, { annotations = {} }: ObjectMeta): Violation | undefined {
  const bad = badProfiles(spec, "appArmorProfile");
  const forbidden = Object.entries(annotations)
    .filter(([key]) => key.startsWith("container.apparmor.security.beta.kubernetes.io/"))
    .filter(([, value]) => value !== "" && value !== "runtime/default" && !value.startsWith("localhost/"))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort();
  const who = [
    ...(bad.setters === "" ? [] : [bad.setters]),
    ...(forbidden.length === 0 ? [] : [plural("annotation", forbidden.length)]),
  ];
  if (who.length === 0) return undefined;
  const values = [...bad.types, ...forbidden];
  const detail = `${who.join(" and ")} must not set AppArmor profile type to ${quoted(values)}`;
  return { reason: plural("forbidden AppArmor profile", values.length), detail };
}

/** Before 1.19 profiles were set by annotations. */
export function seccompAnnotations(spec: V1PodSpec, { annotations = {} }: ObjectMeta): Violation | undefined {
  const keys = [
    "seccomp.security.alpha.kubernetes.io/pod",
    ...allContainers(spec).map(({ name }) => `container.seccomp.security.alpha.kubernetes.io/${name}`),
  ];
  const bad = sortedSet(
    keys.flatMap((key) => {
      const value = annotations[key];
      if (value === undefined || value === "runtime/default" || value === "docker/default") return [];
      return value.startsWith("localhost/") ? [] : [`${key}=${JSON.stringify(value)}`];
    }),
  );
  if (bad.length === 0) return undefined;
  return {
    reason: "seccompProfile",
    detail: `forbidden ${plural("annotation", bad.length)} ${bad.join(", ")}`,
  };
}

export function seccompProfile(spec: V1PodSpec): Violation | undefined {
  const bad = badProfiles(spec, "seccompProfile");
  if (bad.setters === "") return undefined;
  const detail = `${bad.setters} must not set securityContext.seccompProfile.type to ${quoted(bad.types)}`;
  return { reason: "seccompProfile", detail };
}

/** The restricted level wants a profile to be set. */
export function seccompProfileIsSet(spec: V1PodSpec): Violation | undefined {
  const bad = seccompProfile(spec);
  if (bad !== undefined || spec.securityContext?.seccompProfile !== undefined) return bad;
  const without = containersWhere(
    spec,
    ({ securityContext }) => securityContext?.seccompProfile === undefined,
  );
  if (without.length === 0) return undefined;
  const detail = `pod or ${containerList(without)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: "seccompProfile", detail };
}

export function seLinuxOptions(allowed: readonly string[]): CheckPod {
  const hasBadType = ({ type = "" }: V1SELinuxOptions): boolean => type !== "" && !allowed.includes(type);
  const isBad = (options: V1SELinuxOptions = {}): boolean =>
    hasBadType(options) || Boolean(options.user) || Boolean(options.role);
  return (spec) => {
    const ofPod = spec.securityContext?.seLinuxOptions;
    const names = containersWhere(spec, ({ securityContext }) => isBad(securityContext?.seLinuxOptions));
    if (!isBad(ofPod) && names.length === 0) return undefined;
    const all = [ofPod, ...allContainers(spec).map(({ securityContext }) => securityContext?.seLinuxOptions)];
    const given = all.filter((options) => options !== undefined);
    const types = sortedSet(given.filter(hasBadType).map(({ type = "" }) => type));
    const what = [
      ...(types.length === 0 ? [] : [`${plural("type", types.length)} ${quoted(types)}`]),
      ...(given.some(({ user }) => user) ? ["user may not be set"] : []),
      ...(given.some(({ role }) => role) ? ["role may not be set"] : []),
    ];
    const detail = `${setters(isBad(ofPod), names)} set forbidden securityContext.seLinuxOptions: ${what.join("; ")}`;
    return { reason: "seLinuxOptions", detail };
  };
}
