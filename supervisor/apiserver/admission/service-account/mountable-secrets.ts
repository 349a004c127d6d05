import type {
  V1Container,
  V1EphemeralContainer,
  V1PodSpec,
  V1ServiceAccount,
} from "../../../api/generated/types.ts";

/** Which Secret a Pod may not use, where its account lists those that it may; undefined for none. */
export function secretComplaint(spec: V1PodSpec, account: V1ServiceAccount): string | undefined {
  const mountable = new Set((account.secrets ?? []).map(({ name }) => name));
  const because = `is not allowed because service account ${account.metadata?.name ?? ""} does not reference that`;
  for (const { secret } of spec.volumes ?? []) {
    const { secretName } = secret ?? {};
    if (secretName === undefined || mountable.has(secretName)) continue;
    return `volume with secret.secretName="${secretName}" ${because} secret`;
  }
  for (const [kind, containers] of containersOf(spec)) {
    for (const container of containers) {
      const what = reference(container, mountable);
      if (what !== undefined) return `${kind} ${container.name} with ${what} ${because} secret`;
    }
  }
  const pullable = new Set((account.imagePullSecrets ?? []).map(({ name }) => name));
  const index = (spec.imagePullSecrets ?? []).findIndex(({ name }) => !pullable.has(name));
  if (index < 0) return undefined;
  return `imagePullSecrets[${index}].name="${spec.imagePullSecrets?.[index]?.name}" ${because} imagePullSecret`;
}

type Container = V1Container | V1EphemeralContainer;

function containersOf(spec: V1PodSpec): ReadonlyArray<readonly [string, readonly Container[]]> {
  return [
    ["init container", spec.initContainers ?? []],
    ["container", spec.containers],
    ["ephemeral container", spec.ephemeralContainers ?? []],
  ];
}

/** The first place of a container that names another Secret. */
function reference(
  { env = [], envFrom = [] }: Container,
  mountable: ReadonlySet<string | undefined>,
): string | undefined {
  for (const { name, valueFrom } of env) {
    const secret = valueFrom?.secretKeyRef?.name;
    if (secret !== undefined && !mountable.has(secret)) {
      return `envVar ${name} referencing secret.secretName="${secret}"`;
    }
  }
  for (const { secretRef } of envFrom) {
    const secret = secretRef?.name;
    if (secret !== undefined && !mountable.has(secret))
      return `envFrom referencing secret.secretName="${secret}"`;
  }
  return undefined;
}
