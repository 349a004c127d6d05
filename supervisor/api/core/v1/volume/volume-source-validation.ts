/** Validation of each type of volume, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { parseQuantity } from "../../../../apimachinery/quantity.ts";
import type {
  V1ConfigMapVolumeSource,
  V1DownwardAPIVolumeSource,
  V1EmptyDirVolumeSource,
  V1HostPathVolumeSource,
  V1ImageVolumeSource,
  V1NFSVolumeSource,
  V1PersistentVolumeClaimVolumeSource,
  V1SecretVolumeSource,
  V1Volume,
} from "../../../generated/types.ts";
import { validateFileMode, validateNoBacksteps } from "../path-validation.ts";
import { validateClaimTemplate, validateCsiSource } from "./claim-volume-validation.ts";
import { validateDownwardFile } from "./downward-file-validation.ts";
import { validateItems } from "./key-items-validation.ts";
import { legacyVolumeChecks } from "./legacy-volume-validation.ts";
import { validateProjected } from "./projected-validation.ts";

type SourceCheck<T> = (source: T, path: string, errors: FieldError[]) => void;

/** The fields that must be there, each for itself. */
function requireFields<T extends object>(
  source: T,
  path: string,
  fields: ReadonlyArray<keyof T & string>,
  errors: FieldError[],
): void {
  for (const field of fields) if (!source[field]) errors.push(requiredField(`${path}.${field}`));
}

const hostPathTypes = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];
const pullPolicies = ["Always", "IfNotPresent", "Never"];

const emptyDir: SourceCheck<V1EmptyDirVolumeSource> = ({ sizeLimit }, path, errors) => {
  if (sizeLimit !== undefined && parseQuantity(sizeLimit) < 0n) {
    errors.push(forbiddenField(`${path}.sizeLimit`, "SizeLimit field must be a valid resource quantity"));
  }
};

const hostPath: SourceCheck<V1HostPathVolumeSource> = (source, path, errors) => {
  if (!source.path) {
    errors.push(requiredField(`${path}.path`));
    return;
  }
  validateNoBacksteps(source.path, `${path}.path`, errors);
  if (source.type !== undefined && !hostPathTypes.includes(source.type)) {
    errors.push(notSupportedField(`${path}.type`, source.type, hostPathTypes));
  }
};

const secret: SourceCheck<V1SecretVolumeSource> = (source, path, errors) => {
  if (!source.secretName) errors.push(requiredField(`${path}.secretName`));
  validateFileMode(source.defaultMode, `${path}.defaultMode`, errors);
  validateItems(source.items ?? [], `${path}.items`, errors);
};

const configMap: SourceCheck<V1ConfigMapVolumeSource> = (source, path, errors) => {
  if (!source.name) errors.push(requiredField(`${path}.name`));
  validateFileMode(source.defaultMode, `${path}.defaultMode`, errors);
  validateItems(source.items ?? [], `${path}.items`, errors);
};

const downwardAPI: SourceCheck<V1DownwardAPIVolumeSource> = (source, path, errors) => {
  validateFileMode(source.defaultMode, `${path}.defaultMode`, errors);
  for (const item of source.items ?? []) validateDownwardFile(item, path, errors);
};

const nfs: SourceCheck<V1NFSVolumeSource> = (source, path, errors) => {
  requireFields(source, path, ["server", "path"], errors);
  if (!source.path.startsWith("/")) {
    errors.push(invalidField(`${path}.path`, source.path, "must be an absolute path"));
  }
};

const persistentVolumeClaim: SourceCheck<V1PersistentVolumeClaimVolumeSource> = (source, path, errors) => {
  requireFields(source, path, ["claimName"], errors);
};

/** What image it is may be left open in a template. */
const image: SourceCheck<V1ImageVolumeSource> = ({ pullPolicy }, path, errors) => {
  if (!pullPolicy) errors.push(requiredField(`${path}.pullPolicy`));
  else if (!pullPolicies.includes(pullPolicy)) {
    errors.push(notSupportedField(`${path}.pullPolicy`, pullPolicy, pullPolicies));
  }
};

type AnyCheck = { [Field in keyof V1Volume]?: SourceCheck<NonNullable<V1Volume[Field]>> };

const checks = {
  emptyDir,
  hostPath,
  secret,
  configMap,
  downwardAPI,
  projected: validateProjected,
  persistentVolumeClaim,
  ephemeral: validateClaimTemplate,
  csi: validateCsiSource,
  image,
  nfs,
  ...legacyVolumeChecks,
} satisfies AnyCheck;

/** In the order in which upstream looks at them: of several sources the first is the one that counts. */
const order = [
  "emptyDir",
  "hostPath",
  "gitRepo",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "secret",
  "nfs",
  "iscsi",
  "glusterfs",
  "flocker",
  "persistentVolumeClaim",
  "rbd",
  "cinder",
  "cephfs",
  "quobyte",
  "downwardAPI",
  "fc",
  "flexVolume",
  "configMap",
  "azureFile",
  "vsphereVolume",
  "photonPersistentDisk",
  "portworxVolume",
  "azureDisk",
  "storageos",
  "projected",
  "scaleIO",
  "csi",
  "ephemeral",
  "image",
] as const;

export const volumeSourceChecks = order.map((field) => [field, checks[field]] as const);
