/** Validation of APIServices, with the texts of kubernetes `kube-aggregator/pkg/apis/apiregistration/validation`. */
import {
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../apimachinery/validation/field-checks.ts";
import {
  checkDns1035Label,
  checkDnsSubdomain,
  checkPortNumber,
} from "../../../apimachinery/validation/formats.ts";
import type { V1APIService, V1APIServiceSpec } from "../../generated/types.ts";

type ApiService = Pick<V1APIService, "spec" | "status"> & { readonly metadata: { readonly name?: string } };

const maxGroupPriority = 20_000;
const maxVersionPriority = 1000;
const statuses = ["True", "False", "Unknown"];

export function validateApiService({ metadata, spec }: ApiService): FieldError[] {
  const errors: FieldError[] = [];
  const { group = "", version = "", groupPriorityMinimum = 0, versionPriority = 0 } = spec ?? {};
  const name = metadata.name ?? "";
  if (name !== "" && name !== `${version}.${group}`) {
    const detail = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(`${version}.${group}`)}`;
    errors.push(invalidField("metadata.name", name, detail));
  }
  if (group === "" && version !== "v1") {
    const detail = "only v1 may have an empty group and it better be legacy kube";
    errors.push(requiredField("spec.group", detail));
  }
  if (group !== "") checkFormat(errors, "spec.group", group, checkDnsSubdomain);
  checkFormat(errors, "spec.version", version, checkDns1035Label);
  checkPriority(errors, "spec.groupPriorityMinimum", groupPriorityMinimum, maxGroupPriority);
  checkPriority(errors, "spec.versionPriority", versionPriority, maxVersionPriority);
  if (spec !== undefined) validateEndpoint(spec, errors);
  return errors;
}

function checkPriority(errors: FieldError[], field: string, value: number, most: number): void {
  if (value > 0 && value <= most) return;
  errors.push(invalidField(field, value, `must be positive and less than ${most}`));
}

function validateEndpoint(spec: V1APIServiceSpec, errors: FieldError[]): void {
  const { service, caBundle = "", insecureSkipTLSVerify = false } = spec;
  if (service === undefined) {
    if (caBundle !== "") {
      const bytes = Buffer.from(caBundle, "base64").length;
      const detail = "local APIServices may not have a caBundle";
      errors.push(invalidField("spec.caBundle", `${bytes} bytes`, detail));
    }
    if (insecureSkipTLSVerify) {
      const detail = "local APIServices may not have insecureSkipTLSVerify";
      errors.push(invalidField("spec.insecureSkipTLSVerify", true, detail));
    }
    return;
  }
  if (!service.namespace) errors.push(requiredField("spec.service.namespace"));
  if (!service.name) errors.push(requiredField("spec.service.name"));
  const complaints = checkPortNumber(service.port ?? 0);
  if (complaints.length > 0) {
    const detail = `port is not valid: ${complaints.join(", ")}`;
    errors.push(invalidField("spec.service.port", service.port ?? 0, detail));
  }
  if (insecureSkipTLSVerify && caBundle !== "") {
    errors.push(invalidField("spec.insecureSkipTLSVerify", true, "may not be true if caBundle is present"));
  }
}

export function validateApiServiceStatus({ status }: ApiService): FieldError[] {
  return (status?.conditions ?? []).flatMap((condition, index) =>
    statuses.includes(condition.status)
      ? []
      : [notSupportedField(`status.conditions[${index}].status`, condition.status, statuses)],
  );
}
