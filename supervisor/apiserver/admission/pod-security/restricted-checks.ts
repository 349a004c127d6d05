/** The rules of the restricted level beside the baseline's (pod-security-admission `policy`), by their ids. */
import type { V1PodSpec, V1Volume } from "../../../api/generated/types.ts";
import { procMount } from "./baseline-checks.ts";
import { seccompProfileIsSet } from "./profile-checks.ts";
import {
  allContainers,
  containerList,
  containersWhere,
  exceptInUserNamespace,
  exceptOnWindows,
  plural,
  quoted,
  type SecurityCheck,
  setters,
  sortedSet,
  type Violation,
} from "./security-check.ts";

export const restrictedChecks: readonly SecurityCheck[] = [
  {
    id: "allowPrivilegeEscalation",
    revisions: [
      { since: 8, check: privilegeEscalation },
      { since: 25, check: exceptOnWindows(privilegeEscalation) },
    ],
  },
  {
    id: "capabilities_restricted",
    overrides: "capabilities_baseline",
    revisions: [
      { since: 22, check: capabilities },
      { since: 25, check: exceptOnWindows(capabilities) },
    ],
  },
  { id: "procMount_restricted", overrides: "procMount", revisions: [{ since: 35, check: procMount }] },
  {
    id: "restrictedVolumes",
    overrides: "hostPathVolumes",
    revisions: [{ since: 0, check: restrictedVolumes }],
  },
  {
    id: "runAsNonRoot",
    revisions: [
      { since: 0, check: runAsNonRoot },
      { since: 35, check: exceptInUserNamespace(runAsNonRoot) },
    ],
  },
  {
    id: "runAsUser",
    revisions: [
      { since: 23, check: runAsUser },
      { since: 35, check: exceptInUserNamespace(runAsUser) },
    ],
  },
  {
    id: "seccompProfile_restricted",
    overrides: "seccompProfile_baseline",
    revisions: [
      { since: 19, check: seccompProfileIsSet },
      { since: 25, check: exceptOnWindows(seccompProfileIsSet) },
    ],
  },
];

function privilegeEscalation(spec: V1PodSpec): Violation | undefined {
  const bad = containersWhere(
    spec,
    ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false,
  );
  if (bad.length === 0) return undefined;
  const detail = `${containerList(bad)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: "allowPrivilegeEscalation != false", detail };
}

function capabilities(spec: V1PodSpec): Violation | undefined {
  const details: string[] = [];
  const keeping = containersWhere(
    spec,
    ({ securityContext }) => !securityContext?.capabilities?.drop?.includes("ALL"),
  );
  if (keeping.length > 0) {
    details.push(`${containerList(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  }
  const added = (names: readonly string[] = []) => names.filter((name) => name !== "NET_BIND_SERVICE");
  const adding = containersWhere(
    spec,
    ({ securityContext }) => added(securityContext?.capabilities?.add).length > 0,
  );
  if (adding.length > 0) {
    const all = allContainers(spec).flatMap(({ securityContext }) =>
      added(securityContext?.capabilities?.add),
    );
    const names = quoted(sortedSet(all));
    details.push(`${containerList(adding)} must not include ${names} in securityContext.capabilities.add`);
  }
  return details.length === 0
    ? undefined
    : { reason: "unrestricted capabilities", detail: details.join("; ") };
}

const goodVolumes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
] as const satisfies ReadonlyArray<keyof V1Volume>;
const badVolumes = [
  "hostPath",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "gitRepo",
  "nfs",
  "iscsi",
  "glusterfs",
  "rbd",
  "flexVolume",
  "cinder",
  "cephfs",
  "flocker",
  "fc",
  "azureFile",
  "vsphereVolume",
  "quobyte",
  "azureDisk",
  "photonPersistentDisk",
  "portworxVolume",
  "scaleIO",
  "storageos",
] as const satisfies ReadonlyArray<keyof V1Volume>;

function restrictedVolumes({ volumes = [] }: V1PodSpec): Violation | undefined {
  const bad = volumes.filter((volume) => !goodVolumes.some((type) => volume[type] !== undefined));
  if (bad.length === 0) return undefined;
  const types = sortedSet(
    bad.map((volume) => badVolumes.find((type) => volume[type] !== undefined) ?? "unknown"),
  );
  const names = `${plural("volume", bad.length)} ${quoted(bad.map(({ name }) => name))}`;
  const uses = bad.length === 1 ? "uses" : "use";
  const detail = `${names} ${uses} ${plural("restricted volume type", types.length)} ${quoted(types)}`;
  return { reason: "restricted volume types", detail };
}

function runAsNonRoot(spec: V1PodSpec): Violation | undefined {
  const reason = "runAsNonRoot != true";
  const ofPod = spec.securityContext?.runAsNonRoot;
  const explicit = containersWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === false);
  if (ofPod === false || explicit.length > 0) {
    const detail = `${setters(ofPod === false, explicit)} must not set securityContext.runAsNonRoot=false`;
    return { reason, detail };
  }
  if (ofPod === true) return undefined;
  const silent = containersWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${containerList(silent)} must set securityContext.runAsNonRoot=true` };
}

function runAsUser(spec: V1PodSpec): Violation | undefined {
  const isPod = spec.securityContext?.runAsUser === 0;
  const bad = containersWhere(spec, ({ securityContext }) => securityContext?.runAsUser === 0);
  if (!isPod && bad.length === 0) return undefined;
  return { reason: "runAsUser=0", detail: `${setters(isPod, bad)} must not set runAsUser=0` };
}
