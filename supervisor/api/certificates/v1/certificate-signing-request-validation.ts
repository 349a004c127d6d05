/** Validation of CertificateSigningRequests, with the texts of kubernetes `pkg/apis/certificates/validation`. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
  tooLongField,
} from "../../../apimachinery/field-error.ts";
import {
  checkDnsLabel,
  checkDnsSubdomain,
  type FormatCheck,
} from "../../../apimachinery/validation/formats.ts";
import type {
  V1CertificateSigningRequest,
  V1CertificateSigningRequestStatus,
} from "../../generated/types.ts";

type Request = Pick<V1CertificateSigningRequest, "spec" | "status">;

const usages = [
  "any",
  "cert sign",
  "client auth",
  "code signing",
  "content commitment",
  "crl sign",
  "data encipherment",
  "decipher only",
  "digital signature",
  "email protection",
  "encipher only",
  "ipsec end system",
  "ipsec tunnel",
  "ipsec user",
  "key agreement",
  "key encipherment",
  "microsoft sgc",
  "netscape sgc",
  "ocsp signing",
  "s/mime",
  "server auth",
  "signing",
  "timestamping",
];
const maxDomainLength = 253;
/** A domain, a slash, and a path of a domain and a label. */
const maxSignerLength = 2 * maxDomainLength + 63 + 2;
const minExpirationSeconds = 600;
const verdicts = ["Approved", "Denied"];
/** Conditions that are either True or absent, and that stay. */
const finalTypes = [...verdicts, "Failed"];

/** All but the PKCS #10 request itself. */
export function validateCertificateSigningRequest(request: Request): FieldError[] {
  const errors: FieldError[] = [];
  const { signerName = "", usages: asked = [], expirationSeconds } = request.spec ?? {};
  if (asked.length === 0) errors.push(requiredField("spec.usages"));
  asked.forEach((usage, index) => {
    const path = `spec.usages[${index}]`;
    if (!usages.includes(usage)) errors.push(notSupportedField(path, usage, usages));
    if (asked.indexOf(usage) < index) errors.push(duplicateField(path, usage));
  });
  validateSignerName(signerName, errors);
  if (signerName === "kubernetes.io/legacy-unknown") {
    const detail = "the legacy signerName is not allowed via this API version";
    errors.push(invalidField("spec.signerName", signerName, detail));
  }
  if (expirationSeconds !== undefined && expirationSeconds < minExpirationSeconds) {
    const detail = `may not specify a duration less than ${minExpirationSeconds} seconds (10 minutes)`;
    errors.push(invalidField("spec.expirationSeconds", expirationSeconds, detail));
  }
  return [...errors, ...validateConditions(request.status)];
}

function validateSignerName(signerName: string, errors: FieldError[]): void {
  const path = "spec.signerName";
  if (signerName === "") return void errors.push(requiredField(path));
  const slash = signerName.indexOf("/");
  if (slash < 0 || signerName.indexOf("/", slash + 1) >= 0) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    errors.push(invalidField(path, signerName, detail));
    return;
  }
  const [domain, name] = [signerName.slice(0, slash), signerName.slice(slash + 1)];
  if (domain.length > maxDomainLength) errors.push(tooLongField(path, maxDomainLength));
  checkParts(domain, checkDnsLabel, errors);
  if (!domain.includes(".")) {
    errors.push(
      invalidField(path, domain, "should be a domain with at least two segments separated by dots"),
    );
  }
  checkParts(name, checkDnsSubdomain, errors);
  if (signerName.length > maxSignerLength) errors.push(tooLongField(path, maxSignerLength));
}

/** What the first part between dots that is wrong is complained about. */
function checkParts(text: string, check: FormatCheck, errors: FieldError[]): void {
  const wrong = text.split(".").find((part) => check(part).length > 0);
  for (const message of wrong === undefined ? [] : check(wrong)) {
    const detail = `validating label ${JSON.stringify(wrong)}: ${message}`;
    errors.push(invalidField("spec.signerName", text, detail));
  }
}

function validateConditions(status: V1CertificateSigningRequestStatus | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  (status?.conditions ?? []).forEach((condition, index) => {
    const path = `status.conditions[${index}]`;
    if (!condition.type) errors.push(requiredField(`${path}.type`));
    if (!condition.status) errors.push(requiredField(`${path}.status`));
    else {
      const allowed = finalTypes.includes(condition.type) ? ["True"] : ["False", "True", "Unknown"];
      if (!allowed.includes(condition.status)) {
        errors.push(notSupportedField(`${path}.status`, condition.status, allowed));
      }
    }
    if (condition.type === "Denied" && seen.has("Approved")) {
      errors.push(
        invalidField("status.conditions", "Denied", "Approved and Denied conditions are mutually exclusive"),
      );
    }
    if (condition.type === "Approved" && seen.has("Denied")) {
      errors.push(
        invalidField(
          "status.conditions",
          "Approved",
          "Approved and Denied conditions are mutually exclusive",
        ),
      );
    }
    if (seen.has(condition.type)) errors.push(duplicateField(`${path}.type`, condition.type));
    seen.add(condition.type);
  });
  return errors;
}

export interface RequestUpdateRights {
  /** Verdicts may be added and changed. */
  readonly mayDecide?: boolean;
  /** A certificate may be set where there is none. */
  readonly mayIssue?: boolean;
}

/** A verdict stays, and a certificate is issued once. */
export function validateCertificateSigningRequestUpdate(
  request: Request,
  old: Request,
  { mayDecide = false, mayIssue = false }: RequestUpdateRights,
): FieldError[] {
  const errors = validateConditions(request.status);
  const path = "status.conditions";
  const find = ({ status }: Request, type: string) =>
    status?.conditions?.find((condition) => condition.type === type);
  for (const type of finalTypes) {
    if (find(request, type) !== undefined || find(old, type) === undefined) continue;
    errors.push(forbiddenField(path, `updates may not remove a condition of type ${JSON.stringify(type)}`));
  }
  for (const type of mayDecide ? [] : verdicts) {
    if (find(request, type) === undefined || find(old, type) !== undefined) continue;
    errors.push(forbiddenField(path, `updates may not add a condition of type ${JSON.stringify(type)}`));
  }
  return [...errors, ...validateIssue(request, old, mayIssue)];
}

function validateIssue({ status }: Request, old: Request, mayIssue: boolean): FieldError[] {
  const path = "status.certificate";
  const certificate = status?.certificate ?? "";
  const before = old.status?.certificate ?? "";
  if (certificate === before) return [];
  if (!mayIssue) return [forbiddenField(path, "updates may not set certificate content")];
  const errors: FieldError[] = [];
  const complaint = certificateComplaint(certificate);
  if (complaint !== undefined) errors.push(invalidField(path, "<certificate data>", complaint));
  if (before !== "") errors.push(forbiddenField(path, "updates may not modify existing certificate content"));
  return errors;
}

/** What is wrong with a chain of certificates in base64 of PEM. */
function certificateComplaint(base64: string): string | undefined {
  if (base64 === "") return undefined;
  const pem = Buffer.from(base64, "base64").toString("latin1");
  const types = [...pem.matchAll(/-----BEGIN ([^\n]+)-----[\s\S]+?-----END \1-----/g)].map(
    ([, type]) => type,
  );
  if (types.length === 0) return "must contain at least one CERTIFICATE PEM block";
  const other = types.find((type) => type !== "CERTIFICATE");
  if (other === undefined) return undefined;
  return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(other)}`;
}
