/** Validation of the volume types of single vendors, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { rangeMessage } from "../../../../apimachinery/validation/formats.ts";
import type { V1Volume } from "../../../generated/types.ts";
import { validateDescendingPath } from "../path-validation.ts";

type Source<Field extends keyof V1Volume> = NonNullable<V1Volume[Field]>;

function requireAll(source: object, path: string, fields: readonly string[], errors: FieldError[]): void {
  const values: Readonly<Record<string, unknown>> = { ...source };
  for (const field of fields) {
    const value = values[field];
    if (!value || (Array.isArray(value) && value.length === 0))
      errors.push(requiredField(`${path}.${field}`));
  }
}

/** A check for fields that must be there and nothing else. */
function requiring(...fields: readonly string[]) {
  return (source: object, path: string, errors: FieldError[]) => requireAll(source, path, fields, errors);
}

function validateRange(value: number | undefined, low: number, path: string, errors: FieldError[]): void {
  if (value === undefined || (value >= 0 && value <= 255)) return;
  errors.push(invalidField(path, value, rangeMessage(low, 255)));
}

const iscsiForms: ReadonlyArray<readonly [prefix: string, form: RegExp]> = [
  ["iqn", /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)$/],
  ["eui", /^eui.[a-zA-Z0-9]{16}$/],
  ["naa", /^naa.[a-zA-Z0-9]{32}$/],
];

function validateIscsiName(name: string, path: string, errors: FieldError[]): void {
  const known = iscsiForms.find(([prefix]) => name.startsWith(prefix));
  if (known === undefined) {
    errors.push(invalidField(path, name, "must be valid format starting with iqn, eui, or naa"));
  } else if (!known[1].test(name)) errors.push(invalidField(path, name, "must be valid format"));
}

function iscsi(source: Source<"iscsi">, path: string, errors: FieldError[]): void {
  requireAll(source, path, ["targetPortal", "iqn"], errors);
  if (source.iqn) validateIscsiName(source.iqn, `${path}.iqn`, errors);
  validateRange(source.lun, 0, `${path}.lun`, errors);
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) {
    errors.push(requiredField(`${path}.secretRef`));
  }
  if (source.initiatorName !== undefined) {
    validateIscsiName(source.initiatorName, `${path}.initiatorname`, errors);
  }
}

function flocker(source: Source<"flocker">, path: string, errors: FieldError[]): void {
  const { datasetName = "", datasetUUID = "" } = source;
  if (datasetName === "" && datasetUUID === "") {
    errors.push(requiredField(path, "one of datasetName and datasetUUID is required"));
  }
  if (datasetName !== "" && datasetUUID !== "") {
    const detail = "datasetName and datasetUUID can not be specified simultaneously";
    errors.push(invalidField(path, "resource", detail));
  }
  if (datasetName.includes("/")) {
    errors.push(invalidField(`${path}.datasetName`, datasetName, "must not contain '/'"));
  }
}

function fc(source: Source<"fc">, path: string, errors: FieldError[]): void {
  const { targetWWNs = [], wwids = [], lun } = source;
  if (targetWWNs.length === 0 && wwids.length === 0) {
    const detail = "must specify either targetWWNs or wwids, but not both";
    errors.push(requiredField(`${path}.targetWWNs`, detail));
  }
  if (targetWWNs.length === 0) return;
  if (wwids.length > 0) {
    const detail = "targetWWNs and wwids can not be specified simultaneously";
    errors.push(invalidField(`${path}.targetWWNs`, targetWWNs, detail));
  }
  if (lun === undefined)
    errors.push(requiredField(`${path}.lun`, "lun is required if targetWWNs is specified"));
  validateRange(lun, 0, `${path}.lun`, errors);
}

function quobyte(source: Source<"quobyte">, path: string, errors: FieldError[]): void {
  const form = "must be a host:port pair or multiple pairs separated by commas";
  if (!source.registry) errors.push(requiredField(`${path}.registry`, form));
  else if ((source.tenant ?? "").length >= 65) {
    const detail = "must be a UUID and may not exceed a length of 64 characters";
    errors.push(requiredField(`${path}.tenant`, detail));
  } else {
    for (const pair of source.registry.split(",")) {
      if (!/^(?:[^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(pair)) {
        errors.push(invalidField(`${path}.registry`, source.registry, form));
      }
    }
  }
  requireAll(source, path, ["volume"], errors);
}

function flexVolume(source: Source<"flexVolume">, path: string, errors: FieldError[]): void {
  requireAll(source, path, ["driver"], errors);
  for (const key of Object.keys(source.options ?? {})) {
    if (!/(?:^|\.)(?:kubernetes|k8s)\.io$/.test(key.toLowerCase().split("/", 1)[0] ?? "")) continue;
    const detail = "kubernetes.io and k8s.io namespaces are reserved";
    errors.push(invalidField(`${path}.options[${key}]`, key, detail));
  }
}

const cachingModes = ["None", "ReadOnly", "ReadWrite"];
const diskKinds = ["Dedicated", "Managed", "Shared"];
const managedUri =
  "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
const blobUri = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";

function azureDisk(source: Source<"azureDisk">, path: string, errors: FieldError[]): void {
  requireAll(source, path, ["diskName", "diskURI"], errors);
  const { cachingMode, kind, diskURI } = source;
  if (cachingMode !== undefined && !cachingModes.includes(cachingMode)) {
    errors.push(notSupportedField(`${path}.cachingMode`, cachingMode, cachingModes));
  }
  if (kind === undefined) return;
  if (!diskKinds.includes(kind)) errors.push(notSupportedField(`${path}.kind`, kind, diskKinds));
  const isManaged = kind === "Managed";
  if (!diskURI.startsWith(isManaged ? "/subscriptions/" : "https://")) {
    errors.push(notSupportedField(`${path}.diskURI`, diskURI, [isManaged ? managedUri : blobUri]));
  }
}

export const legacyVolumeChecks = {
  gitRepo(source: Source<"gitRepo">, path: string, errors: FieldError[]) {
    requireAll(source, path, ["repository"], errors);
    validateDescendingPath(source.directory ?? "", `${path}.directory`, errors);
  },
  gcePersistentDisk(source: Source<"gcePersistentDisk">, path: string, errors: FieldError[]) {
    const at = path.replace(/gcePersistentDisk$/, "persistentDisk");
    requireAll(source, at, ["pdName"], errors);
    validateRange(source.partition, 1, `${at}.partition`, errors);
  },
  awsElasticBlockStore(source: Source<"awsElasticBlockStore">, path: string, errors: FieldError[]) {
    requireAll(source, path, ["volumeID"], errors);
    validateRange(source.partition, 1, `${path}.partition`, errors);
  },
  iscsi,
  glusterfs: requiring("endpoints", "path"),
  flocker,
  rbd: requiring("monitors", "image"),
  cinder(source: Source<"cinder">, path: string, errors: FieldError[]) {
    requireAll(source, path, ["volumeID"], errors);
    if (source.secretRef && !source.secretRef.name) errors.push(requiredField(`${path}.secretRef.name`));
  },
  cephfs: requiring("monitors"),
  quobyte,
  fc,
  flexVolume,
  azureFile: requiring("secretName", "shareName"),
  vsphereVolume: requiring("volumePath"),
  photonPersistentDisk: requiring("pdID"),
  portworxVolume: requiring("volumeID"),
  azureDisk,
  storageos(source: Source<"storageos">, path: string, errors: FieldError[]) {
    requireAll(source, path, ["volumeName"], errors);
    if (source.secretRef && !source.secretRef.name) errors.push(requiredField(`${path}.secretRef.name`));
  },
  scaleIO: requiring("gateway", "system", "volumeName"),
};
