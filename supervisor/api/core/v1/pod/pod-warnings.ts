/** What is taken but should not be done, in Pods and templates, with the texts of kubernetes `pkg/api/pod/warnings.go`. */
import { ipWarnings } from "../../../../apimachinery/validation/ip-formats.ts";
import type {
  V1Container,
  V1EphemeralContainer,
  V1PodAffinityTerm,
  V1PodSpec,
  V1Volume,
} from "../../../generated/types.ts";
import { nodeLabelWarnings } from "../node/node-label-warnings.ts";
import { portWarnings } from "../port-warnings.ts";
import { claimSpecWarnings, deprecatedSources, fractionWarnings } from "../volume/volume-warnings.ts";
import { eachContainer } from "./each-container.ts";
import { pathWarnings } from "./path-warnings.ts";
import { appArmorPrefix, seccompPod, seccompPrefix } from "./pod-annotations-validation.ts";

const seccompMessage = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const nullSelector = "a null labelSelector results in matching no pod";

const deprecatedAnnotations: Readonly<Record<string, string>> = {
  "scheduler.alpha.kubernetes.io/critical-pod":
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
  "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
};

const deprecatedVolumes = {
  ...deprecatedSources,
  gitRepo: "deprecated in v1.11, and disabled by default in v1.33+",
} as const;
// The table's keys are fields of volumes.
const deprecatedFields = Object.keys(deprecatedVolumes) as ReadonlyArray<keyof typeof deprecatedVolumes>;
const byteResources = ["memory", "ephemeral-storage"];

/** What of a Pod or template is looked at. */
interface Warned {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: V1PodSpec;
}

/** `path` is the template's, empty for a Pod itself. */
export function podTemplateWarnings(template: Warned, path: string): string[] {
  const { spec, metadata } = template;
  if (spec === undefined) return [];
  const prefix = path === "" ? "" : `${path}.`;
  const at = `${prefix}spec`;
  const annotations = metadata?.annotations ?? {};
  const warnings = [
    ...nodeLabelWarnings(spec, at),
    ...annotationWarnings(annotations, spec, `${prefix}metadata.annotations`),
    ...(path === "" ? [] : appArmorWarnings(annotations, spec, `${prefix}metadata.annotations`)),
    ...volumeWarnings(spec, at),
    ...pathWarnings(spec.volumes ?? []),
    ...duplicateWarnings(spec, at),
    ...fractionWarnings(spec.overhead, byteResources, `${at}.overhead`),
  ];
  eachContainer(spec, at, (container, place) => {
    warnings.push(...containerWarnings(container, place));
  });
  warnings.push(...portWarnings(spec, at), ...affinityWarnings(spec, at));
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const detail = "must be >= 0; negative values are invalid and will be treated as 1";
    warnings.push(`${at}.terminationGracePeriodSeconds: ${detail}`);
  }
  return warnings;
}

function annotationWarnings(
  annotations: Readonly<Record<string, string>>,
  spec: V1PodSpec,
  path: string,
): string[] {
  const warnings: string[] = [];
  for (const key of Object.keys(annotations)) {
    const message = Object.hasOwn(deprecatedAnnotations, key) ? deprecatedAnnotations[key] : undefined;
    if (message !== undefined) warnings.push(`${path}[${key}]: ${message}`);
  }
  const has = (key: string) => Object.hasOwn(annotations, key);
  if (spec.securityContext?.seccompProfile === undefined && has(seccompPod)) {
    warnings.push(`${path}[${seccompPod}]: ${seccompMessage}`);
  }
  eachContainer(spec, "", ({ name, securityContext }) => {
    const key = seccompPrefix + name;
    if (securityContext?.seccompProfile === undefined && has(key)) {
      warnings.push(`${path}[${key}]: ${seccompMessage}`);
    }
  });
  return warnings;
}

/** In templates; Pods are brought up to date instead. */
function appArmorWarnings(
  annotations: Readonly<Record<string, string>>,
  spec: V1PodSpec,
  path: string,
): string[] {
  const warnings: string[] = [];
  const ofPod = spec.securityContext?.appArmorProfile;
  eachContainer(spec, "", ({ name, securityContext }) => {
    const key = appArmorPrefix + name;
    if ((securityContext?.appArmorProfile ?? ofPod) !== undefined || !Object.hasOwn(annotations, key)) return;
    warnings.push(`${path}[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`);
  });
  return warnings;
}

function volumeWarnings(spec: V1PodSpec, path: string): string[] {
  const { volumes = [] } = spec;
  const warnings: string[] = [];
  const tokens = new Set<string>();
  volumes.forEach((volume, index) => {
    for (const field of deprecatedFields) {
      if (volume[field] === undefined) continue;
      const shown = field === "storageos" ? "storageOS" : field;
      warnings.push(`${path}.volumes[${index}].${shown}: ${deprecatedVolumes[field]}`);
    }
    if (volume.ephemeral?.volumeClaimTemplate) {
      const place = `${path}.volumes[${index}].ephemeral.volumeClaimTemplate.spec`;
      warnings.push(...claimSpecWarnings(volume.ephemeral.volumeClaimTemplate.spec, place));
    }
    for (const source of volume.projected?.sources ?? []) {
      if (source.serviceAccountToken) tokens.add(source.serviceAccountToken.path);
    }
  });
  if (tokens.size > 0) {
    volumes.forEach((volume, index) => {
      warnings.push(...tokenPathWarnings(volume, tokens, `${path}.volumes[${index}].projected.sources`));
    });
  }
  return warnings;
}

/** Files that lie where a token lies. */
function tokenPathWarnings(volume: V1Volume, tokens: ReadonlySet<string>, path: string): string[] {
  const warnings: string[] = [];
  const look = (items: ReadonlyArray<{ readonly path: string }> | undefined, field: string) => {
    items?.forEach((item, index) => {
      if (!tokens.has(item.path)) return;
      const quoted = JSON.stringify(item.path);
      warnings.push(`${path}.${field}[${index}]: has duplicated path with ServiceAccountToken ${quoted}`);
    });
  };
  for (const { configMap, secret, downwardAPI, clusterTrustBundle } of volume.projected?.sources ?? []) {
    look(configMap?.items, "configMap");
    look(secret?.items, "secrets");
    look(downwardAPI?.items, "downwardAPI");
    if (clusterTrustBundle === undefined || !tokens.has(clusterTrustBundle.path)) continue;
    const quoted = JSON.stringify(clusterTrustBundle.path);
    warnings.push(`${path}.ClusterTrustBundle: has duplicated path with ServiceAccountToken ${quoted}`);
  }
  return warnings;
}

function duplicateWarnings(spec: V1PodSpec, path: string): string[] {
  const warnings: string[] = [];
  const ips = new Set<string>();
  spec.hostAliases?.forEach(({ ip }, index) => {
    const field = `${path}.hostAliases[${index}].ip`;
    if (ips.has(ip)) warnings.push(`${field}: duplicate ip ${JSON.stringify(ip)}`);
    ips.add(ip);
    warnings.push(...ipWarnings(ip, field));
  });
  spec.dnsConfig?.nameservers?.forEach((ip, index) => {
    warnings.push(...ipWarnings(ip, `${path}.dnsConfig.nameservers[${index}]`));
  });
  const names = new Set<string>();
  spec.imagePullSecrets?.forEach(({ name = "" }, index) => {
    const field = `${path}.imagePullSecrets[${index}].name`;
    if (names.has(name)) warnings.push(`${field}: duplicate name ${JSON.stringify(name)}`);
    if (name === "") warnings.push(`${field}: invalid empty name ""`);
    names.add(name);
  });
  return warnings;
}

function containerWarnings(container: V1Container | V1EphemeralContainer, path: string): string[] {
  const { resources, env } = container;
  const warnings = [
    ...fractionWarnings(resources?.limits, byteResources, `${path}.resources.limits`),
    ...fractionWarnings(resources?.requests, byteResources, `${path}.resources.requests`),
  ];
  if (env === undefined || env.length < 2) return warnings;
  const names = new Set<string>();
  env.forEach(({ name, value = "", valueFrom }, index) => {
    const reference = `$(${name})`;
    const hides = valueFrom !== undefined || value === reference || !value.includes(reference);
    if (names.has(name) && hides) {
      const detail = `hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`;
      warnings.push(`${path}.env[${index}]: ${detail}`);
    }
    names.add(name);
  });
  return warnings;
}

function affinityWarnings({ affinity }: V1PodSpec, path: string): string[] {
  const warnings: string[] = [];
  const look = (term: V1PodAffinityTerm, place: string) => {
    if (term.labelSelector === undefined) warnings.push(`${place}.labelSelector: ${nullSelector}`);
  };
  for (const field of ["podAffinity", "podAntiAffinity"] as const) {
    const given = affinity?.[field];
    const at = `${path}.affinity.${field}`;
    given?.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, index) => {
      look(term, `${at}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`);
    });
    given?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ podAffinityTerm }, index) => {
      look(
        podAffinityTerm,
        `${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm`,
      );
    });
  }
  return warnings;
}
