/** What clients are told of claims and volumes that are taken (kubernetes `pkg/api/persistentvolume{,claim}`). */
import { isWholeQuantity } from "../../../../apimachinery/quantity.ts";
import type {
  V1PersistentVolumeClaimSpec,
  V1PersistentVolumeSpec,
  V1Volume,
} from "../../../generated/types.ts";
import { nodeSelectorTermWarnings } from "../node/node-label-warnings.ts";
import { oldClassAnnotation } from "./persistent-volume-claim-validation.ts";

type Annotations = Readonly<Record<string, string>>;

const mountOptionsAnnotation = "volume.beta.kubernetes.io/mount-options";

/** Sources that are no longer served. */
export const deprecatedSources = {
  photonPersistentDisk: "deprecated in v1.11, non-functional in v1.16+",
  scaleIO: "deprecated in v1.16, non-functional in v1.22+",
  flocker: "deprecated in v1.22, non-functional in v1.25+",
  storageos: "deprecated in v1.22, non-functional in v1.25+",
  quobyte: "deprecated in v1.22, non-functional in v1.25+",
  glusterfs: "deprecated in v1.25, non-functional in v1.26+",
  cephfs: "deprecated in v1.28, non-functional in v1.31+",
  rbd: "deprecated in v1.28, non-functional in v1.31+",
} as const satisfies Partial<Record<keyof V1Volume & keyof V1PersistentVolumeSpec, string>>;

/** Amounts of bytes with a fraction. */
export function fractionWarnings(
  amounts: Readonly<Record<string, string>> | undefined,
  names: readonly string[],
  path: string,
): string[] {
  return names.flatMap((name) => {
    const quantity = amounts?.[name];
    // Only these suffixes make a fraction of a byte.
    if (quantity === undefined || !/[mun]$/.test(quantity)) return [];
    if (isWholeQuantity(quantity)) return [];
    const shown = JSON.stringify(quantity);
    return [`${path}[${name}]: fractional byte value ${shown} is invalid, must be an integer`];
  });
}

export function claimSpecWarnings(spec: V1PersistentVolumeClaimSpec | undefined, path: string): string[] {
  const { requests, limits } = spec?.resources ?? {};
  return [
    ...fractionWarnings(requests, ["storage"], `${path}.resources.requests`),
    ...fractionWarnings(limits, ["storage"], `${path}.resources.limits`),
  ];
}

function classWarnings(annotations: Annotations): string[] {
  if (annotations[oldClassAnnotation] === undefined) return [];
  const detail = 'deprecated since v1.8; use "storageClassName" attribute instead';
  return [`metadata.annotations[${oldClassAnnotation}]: ${detail}`];
}

export function claimWarnings(
  spec: V1PersistentVolumeClaimSpec | undefined,
  annotations: Annotations = {},
): string[] {
  return [...classWarnings(annotations), ...claimSpecWarnings(spec, "spec")];
}

export function volumeWarnings(
  spec: V1PersistentVolumeSpec | undefined,
  annotations: Annotations = {},
): string[] {
  const warnings = classWarnings(annotations);
  if (annotations[mountOptionsAnnotation] !== undefined) {
    const detail = 'deprecated since v1.31; use "mountOptions" attribute instead';
    warnings.push(`metadata.annotations[${mountOptionsAnnotation}]: ${detail}`);
  }
  if (spec?.persistentVolumeReclaimPolicy === "Recycle") {
    const detail =
      "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.";
    warnings.push(`spec.persistentVolumeReclaimPolicy: ${detail}`);
  }
  spec?.nodeAffinity?.required?.nodeSelectorTerms.forEach((term, index) => {
    const path = `spec.nodeAffinity.required.nodeSelectorTerms[${index}]`;
    warnings.push(...nodeSelectorTermWarnings(term, path));
  });
  for (const [field, message] of Object.entries(deprecatedSources)) {
    // The table's keys are fields of volumes.
    if (spec?.[field as keyof typeof deprecatedSources] === undefined) continue;
    warnings.push(`spec.${field === "storageos" ? "storageOS" : field}: ${message}`);
  }
  return warnings;
}
