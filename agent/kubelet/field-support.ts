import type {
  V1AppArmorProfile,
  V1Container,
  V1Pod,
  V1Volume,
} from "../../supervisor/api/generated/types.ts";

/** A field of a Pod that this host does not honour yet. */
export interface FieldProblem {
  /** As the API writes paths, `spec.containers[0].volumeDevices`. */
  readonly path: string;
  readonly why: string;
}

export interface FieldSupport {
  /** Without these the Pod would not be what its author meant: it waits. */
  readonly refused: readonly FieldProblem[];
  /** The Pod runs without these, and an event says so. */
  readonly ignored: readonly FieldProblem[];
}

const volumeKinds: ReadonlySet<string> = new Set([
  "emptyDir",
  "configMap",
  "secret",
  "downwardAPI",
  "projected",
  "hostPath",
  "nfs",
  "persistentVolumeClaim",
  "image",
]);
const projectionKinds: ReadonlySet<string> = new Set([
  "configMap",
  "secret",
  "downwardAPI",
  "serviceAccountToken",
]);

const noAppArmor = "the guest has no AppArmor";

type Collect = (path: string, present: unknown, why: string) => void;

/** Finds the fields that this host does not honour yet. */
export function fieldSupport(pod: V1Pod): FieldSupport {
  const refused: FieldProblem[] = [];
  const ignored: FieldProblem[] = [];
  const into =
    (list: FieldProblem[]): Collect =>
    (path, present, why) => {
      if (present) list.push({ path, why });
    };
  podFields(pod, into(refused), into(ignored));
  for (const kind of ["initContainers", "containers", "ephemeralContainers"] as const) {
    for (const [index, container] of (pod.spec?.[kind] ?? []).entries()) {
      containerFields(`spec.${kind}[${index}]`, container, into(ignored));
    }
  }
  return { refused, ignored };
}

function podFields(pod: V1Pod, refuse: Collect, ignore: Collect): void {
  const { spec } = pod;
  if (!spec) return;
  refuse("spec.resourceClaims", spec.resourceClaims?.length, "no DRA driver is registered on this host");
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    volumeFields(`spec.volumes[${index}]`, volume, refuse);
  }
  const security = spec.securityContext ?? {};
  ignore("spec.securityContext.appArmorProfile", isWanted(security.appArmorProfile), noAppArmor);
  ignore("spec.securityContext.seLinuxOptions", security.seLinuxOptions, "the guest has no SELinux");
}

function volumeFields(path: string, volume: V1Volume, refuse: Collect): void {
  const kind = Object.keys(volume).find((key) => key !== "name") ?? "emptyDir";
  const isKnown = volumeKinds.has(kind);
  refuse(`${path}.${kind}`, !isKnown, `volume "${volume.name}" is of a kind not supported yet`);
  const medium = volume.emptyDir?.medium ?? "";
  refuse(`${path}.emptyDir.medium`, medium.startsWith("HugePages"), "machines have no huge pages");
  for (const [index, source] of (volume.projected?.sources ?? []).entries()) {
    for (const name of Object.keys(source)) {
      const at = `${path}.projected.sources[${index}].${name}`;
      refuse(at, !projectionKinds.has(name), `volume "${volume.name}" has a source not supported yet`);
    }
  }
}

function containerFields(path: string, container: V1Container, ignore: Collect): void {
  const security = container.securityContext ?? {};
  ignore(`${path}.securityContext.appArmorProfile`, isWanted(security.appArmorProfile), noAppArmor);
  ignore(`${path}.securityContext.seLinuxOptions`, security.seLinuxOptions, "the guest has no SELinux");
}

/** `Unconfined` is what every container is. */
function isWanted(profile: V1AppArmorProfile | undefined): boolean {
  return profile !== undefined && profile.type !== "Unconfined";
}
