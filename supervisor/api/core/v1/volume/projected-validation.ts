/** Validation of projected volumes, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import { checkDnsSubdomain } from "../../../../apimachinery/validation/formats.ts";
import { validateLabelSelector } from "../../../../apimachinery/validation/label-selector.ts";
import type {
  V1ClusterTrustBundleProjection,
  V1KeyToPath,
  V1PodCertificateProjection,
  V1ProjectedVolumeSource,
  V1ServiceAccountTokenProjection,
  V1VolumeProjection,
} from "../../../generated/types.ts";
import { validateFileMode, validateLocalPath } from "../path-validation.ts";
import { validateDownwardFile } from "./downward-file-validation.ts";
import { validateItems } from "./key-items-validation.ts";

const minTokenSeconds = 600;
const maxTokenSeconds = 2 ** 32;
const minCertificateSeconds = 3600;
const maxCertificateSeconds = 91 * 24 * 3600;
const keyTypes = ["ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519", "RSA3072", "RSA4096"];
const sourceFields = [
  "secret",
  "configMap",
  "downwardAPI",
  "serviceAccountToken",
  "clusterTrustBundle",
  "podCertificate",
] as const;

/** The paths that the sources before have taken. */
type Paths = Set<string>;

export function validateProjected(volume: V1ProjectedVolumeSource, path: string, errors: FieldError[]): void {
  validateFileMode(volume.defaultMode, `${path}.defaultMode`, errors);
  const paths: Paths = new Set();
  (volume.sources ?? []).forEach((source, index) => {
    const at = `${path}.sources[${index}]`;
    validateProjection(source, path, at, paths, errors);
    if (sourceFields.filter((field) => source[field] !== undefined).length > 1) {
      errors.push(forbiddenField(at, "may not specify more than 1 volume type per source"));
    }
  });
}

/** `volume` is the path of the whole volume, under which upstream names conflicts. */
function validateProjection(
  source: V1VolumeProjection,
  volume: string,
  path: string,
  paths: Paths,
  errors: FieldError[],
): void {
  for (const field of ["secret", "configMap"] as const) {
    const given = source[field];
    if (given === undefined) continue;
    if (!given.name) errors.push(requiredField(`${path}.${field}.name`));
    validateItems(given.items ?? [], `${path}.${field}.items`, errors);
    claimItems(given.items ?? [], given.name, volume, paths, errors);
  }
  for (const file of source.downwardAPI?.items ?? []) {
    validateDownwardFile(file, `${path}.downwardAPI`, errors);
    claimPath(file.path, file.path, volume, paths, errors);
  }
  if (source.serviceAccountToken) {
    validateToken(source.serviceAccountToken, volume, `${path}.serviceAccountToken`, errors);
  }
  if (source.clusterTrustBundle) {
    validateTrustBundle(source.clusterTrustBundle, `${path}.clusterTrustBundle`, errors);
    claimPath(source.clusterTrustBundle.path, source.clusterTrustBundle.path, volume, paths, errors);
  }
  if (source.podCertificate) {
    validateCertificate(source.podCertificate, volume, `${path}.podCertificate`, paths, errors);
  }
}

function claimItems(
  items: readonly V1KeyToPath[],
  owner: string | undefined,
  volume: string,
  paths: Paths,
  errors: FieldError[],
): void {
  for (const item of items) claimPath(item.path, owner ?? "", volume, paths, errors);
}

function claimPath(path: string, shown: string, volume: string, paths: Paths, errors: FieldError[]): void {
  if (path === "") return;
  if (paths.has(path)) errors.push(invalidField(volume, shown, "conflicting duplicate paths"));
  paths.add(path);
}

function validateToken(
  token: V1ServiceAccountTokenProjection,
  volume: string,
  path: string,
  errors: FieldError[],
): void {
  const { expirationSeconds: seconds = 0 } = token;
  if (seconds < minTokenSeconds) {
    const detail = "may not specify a duration less than 10 minutes";
    errors.push(invalidField(`${path}.expirationSeconds`, seconds, detail));
  }
  if (seconds > maxTokenSeconds) {
    const detail = "may not specify a duration larger than 2^32 seconds";
    errors.push(invalidField(`${path}.expirationSeconds`, seconds, detail));
  }
  if (!token.path) errors.push(requiredField(`${volume}.path`));
  else validateLocalPath(token.path, `${volume}.path`, errors);
}

function validateTrustBundle(
  bundle: V1ClusterTrustBundleProjection,
  path: string,
  errors: FieldError[],
): void {
  const { name, signerName, labelSelector } = bundle;
  if (name !== undefined && signerName !== undefined) {
    errors.push(invalidField(path, bundle, "only one of name and signerName may be used"));
  } else if (name !== undefined) {
    if (name === "") errors.push(requiredField(`${path}.name`, "must be a valid object name"));
    const last = name.slice(name.lastIndexOf(":") + 1);
    for (const message of checkDnsSubdomain(last)) {
      const detail = `not a valid clustertrustbundlename: ${message}`;
      errors.push(invalidField(`${path}.name`, name, detail));
    }
    if (labelSelector !== undefined) {
      const detail = "labelSelector must be unset if name is specified";
      errors.push(invalidField(`${path}.labelSelector`, labelSelector, detail));
    }
  } else if (signerName !== undefined) {
    validateSignerName(signerName, `${path}.signerName`, errors);
    validateLabelSelector(labelSelector, `${path}.labelSelector`, errors);
  } else errors.push(requiredField(path, "either name or signerName must be specified"));
  if (!bundle.path) errors.push(requiredField(`${path}.path`));
  validateLocalPath(bundle.path, `${path}.path`, errors);
}

function validateSignerName(signerName: string, path: string, errors: FieldError[]): void {
  if (signerName === "") errors.push(requiredField(path, "must be a valid signer name"));
  const [domain = "", ...rest] = signerName.split("/");
  if (rest.length !== 1) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    errors.push(invalidField(path, signerName, detail));
  } else checkFormat(errors, path, domain, checkDnsSubdomain);
}

function validateCertificate(
  certificate: V1PodCertificateProjection,
  volume: string,
  path: string,
  paths: Paths,
  errors: FieldError[],
): void {
  validateSignerName(certificate.signerName, `${path}.signerName`, errors);
  const { keyType, maxExpirationSeconds: seconds } = certificate;
  if (!keyTypes.includes(keyType)) errors.push(notSupportedField(`${path}.keyType`, keyType, keyTypes));
  if (seconds !== undefined && (seconds < minCertificateSeconds || seconds > maxCertificateSeconds)) {
    const detail = `if provided, maxExpirationSeconds must be >= ${minCertificateSeconds} and <= ${maxCertificateSeconds}`;
    errors.push(invalidField(`${path}.maxExpirationSeconds`, seconds, detail));
  }
  const files = ["credentialBundlePath", "keyPath", "certificateChainPath"] as const;
  if (files.every((field) => !certificate[field])) {
    const detail = "specify at least one of credentialBundlePath, keyPath, and certificateChainPath";
    errors.push(requiredField(path, detail));
  }
  for (const field of files) {
    const file = certificate[field];
    if (!file) continue;
    validateLocalPath(file, `${path}.${field}`, errors);
    claimPath(file, file, volume, paths, errors);
  }
}
