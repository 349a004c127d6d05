/** Validation of Ingresses, with the texts of kubernetes `pkg/apis/networking/validation`. */
import { type FieldError, invalidField, requiredField } from "../../../apimachinery/field-error.ts";
import {
  checkFormat,
  checkOneOf,
  checkRequiredFormat,
} from "../../../apimachinery/validation/field-checks.ts";
import {
  checkDns1035Label,
  checkDnsSubdomain,
  checkPortName,
  checkPortNumber,
  checkWildcardSubdomain,
} from "../../../apimachinery/validation/formats.ts";
import { checkLegacyIp, parseIp } from "../../../apimachinery/validation/ip-formats.ts";
import { checkPathSegment } from "../../../apimachinery/validation/path-segment.ts";
import type {
  V1HTTPIngressPath,
  V1Ingress,
  V1IngressBackend,
  V1IngressRule,
  V1IngressSpec,
} from "../../generated/types.ts";

const classAnnotation = "kubernetes.io/ingress.class";
const pathTypes = ["Exact", "ImplementationSpecific", "Prefix"];
const badSequences = ["//", "/./", "/../", "%2f", "%2F"];
const badEnds = ["/..", "/."];
const noAddress = "must be a DNS name, not an IP address";

type Ingress = Pick<V1Ingress, "spec" | "status"> & {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
};

/** What of an older state an update may keep although it is no longer valid. */
interface Leniency {
  readonly secretNames: boolean;
  readonly wildcardRules: boolean;
}

const strict: Leniency = { secretNames: false, wildcardRules: false };

export function validateIngress({ spec = {}, metadata }: Ingress): FieldError[] {
  const errors = validateSpec(spec, strict);
  const annotation = metadata.annotations?.[classAnnotation];
  const { ingressClassName } = spec;
  if (annotation !== undefined && ingressClassName !== undefined && annotation !== ingressClassName) {
    const detail = "must match `ingressClassName` when both are specified";
    errors.push(invalidField(`annotations.${classAnnotation}`, annotation, detail));
  }
  return errors;
}

export function validateIngressUpdate({ spec = {} }: Ingress, { spec: old = {} }: Ingress): FieldError[] {
  return validateSpec(spec, {
    secretNames: (old.tls ?? []).some(({ secretName = "" }) => complainsOfSecret(secretName)),
    wildcardRules: (old.rules ?? []).some((rule) => {
      const errors: FieldError[] = [];
      if (rule.host?.includes("*")) validatePaths(rule, "", errors);
      return errors.length > 0;
    }),
  });
}

function validateSpec(spec: V1IngressSpec, leniency: Leniency): FieldError[] {
  const errors: FieldError[] = [];
  const { rules = [], defaultBackend, ingressClassName } = spec;
  if (rules.length === 0 && defaultBackend === undefined) {
    errors.push(invalidField("spec", null, "either `defaultBackend` or `rules` must be specified"));
  }
  if (defaultBackend !== undefined) validateBackend(defaultBackend, "spec.defaultBackend", errors);
  rules.forEach((rule, index) => {
    validateRule(rule, `spec.rules[${index}]`, leniency, errors);
  });
  (spec.tls ?? []).forEach(({ hosts = [], secretName = "" }, index) => {
    const path = `spec.tls[${index}]`;
    hosts.forEach((host, place) => {
      checkHost(errors, `${path}.hosts[${place}]`, host);
    });
    if (leniency.secretNames || secretName === "") return;
    checkFormat(errors, `${path}.secretName`, secretName, checkDnsSubdomain);
  });
  if (ingressClassName !== undefined) {
    checkFormat(errors, "spec.ingressClassName", ingressClassName, checkDnsSubdomain);
  }
  return errors;
}

function complainsOfSecret(name: string): boolean {
  return name !== "" && checkDnsSubdomain(name).length > 0;
}

function checkHost(errors: FieldError[], field: string, host: string): void {
  checkFormat(errors, field, host, host.includes("*") ? checkWildcardSubdomain : checkDnsSubdomain);
}

function validateRule(rule: V1IngressRule, path: string, leniency: Leniency, errors: FieldError[]): void {
  const { host = "" } = rule;
  if (host !== "") {
    if (parseIp(host) !== undefined) errors.push(invalidField(`${path}.host`, host, noAddress));
    checkHost(errors, `${path}.host`, host);
  }
  if (host.includes("*") && leniency.wildcardRules) return;
  validatePaths(rule, path, errors);
}

function validatePaths({ http }: V1IngressRule, path: string, errors: FieldError[]): void {
  if (http === undefined) return;
  if (!http.paths?.length) errors.push(requiredField(`${path}.http.paths`));
  (http.paths ?? []).forEach((entry, index) => {
    validatePath(entry, `${path}.http.paths[${index}]`, errors);
  });
}

function validatePath(entry: V1HTTPIngressPath, path: string, errors: FieldError[]): void {
  const { pathType = "", path: text = "", backend } = entry;
  const place = `${path}.path`;
  if (pathType === "") {
    return void errors.push(requiredField(`${path}.pathType`, "pathType must be specified"));
  }
  if (!pathTypes.includes(pathType)) {
    checkOneOf(errors, `${path}.pathType`, pathType, pathTypes);
  } else {
    const isFree = pathType === "ImplementationSpecific";
    if (!text.startsWith("/") && !(isFree && text === "")) {
      errors.push(invalidField(place, text, "must be an absolute path"));
    }
    for (const bad of isFree ? [] : badSequences) {
      if (text.includes(bad)) errors.push(invalidField(place, text, `must not contain '${bad}'`));
    }
    for (const bad of isFree ? [] : badEnds) {
      if (text.endsWith(bad)) errors.push(invalidField(place, text, `cannot end with '${bad}'`));
    }
  }
  validateBackend(backend, `${path}.backend`, errors);
}

function validateBackend(backend: V1IngressBackend, path: string, errors: FieldError[]): void {
  const { resource, service } = backend ?? {};
  if (resource !== undefined && service !== undefined) {
    errors.push(invalidField(path, "", "cannot set both resource and service backends"));
  } else if (resource !== undefined) validateLocalReference(resource, `${path}.resource`, errors);
  else if (service !== undefined) validateServiceBackend(service, path, errors);
  else errors.push(invalidField(path, "", "resource or service backend is required"));
}

function validateServiceBackend(
  { name, port = {} }: NonNullable<V1IngressBackend["service"]>,
  path: string,
  errors: FieldError[],
): void {
  checkRequiredFormat(errors, `${path}.service.name`, name, checkDns1035Label);
  if (port.name && port.number) {
    errors.push(invalidField(path, "", "cannot set both port name & port number"));
  } else if (port.name) checkFormat(errors, `${path}.service.port.name`, port.name, checkPortName);
  else if (port.number) {
    for (const message of checkPortNumber(port.number)) {
      errors.push(invalidField(`${path}.service.port.number`, port.number, message));
    }
  } else errors.push(requiredField(path, "port name or number is required"));
}

/** A reference to an object of any kind by group, kind and name. */
export function validateLocalReference(
  reference: { readonly apiGroup?: string; readonly kind?: string; readonly name?: string },
  path: string,
  errors: FieldError[],
): void {
  const { apiGroup, kind, name } = reference;
  if (apiGroup !== undefined) checkFormat(errors, `${path}.apiGroup`, apiGroup, checkDnsSubdomain);
  checkRequiredFormat(errors, `${path}.kind`, kind, checkPathSegment, "kind is required");
  checkRequiredFormat(errors, `${path}.name`, name, checkPathSegment, "name is required");
}

/** Where a controller says that an Ingress is reached. */
export function validateIngressStatus({ status }: Ingress): FieldError[] {
  const errors: FieldError[] = [];
  (status?.loadBalancer?.ingress ?? []).forEach(({ ip, hostname }, index) => {
    const path = `status.loadBalancer.ingress[${index}]`;
    if (ip) checkFormat(errors, `${path}.ip`, ip, checkLegacyIp);
    if (!hostname) return;
    checkFormat(errors, `${path}.hostname`, hostname, checkDnsSubdomain);
    if (parseIp(hostname) !== undefined) {
      errors.push(invalidField(`${path}.hostname`, hostname, noAddress));
    }
  });
  return errors;
}
