/** Validation of references to fields of the Pod itself, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import { checkQualifiedName } from "../../../../apimachinery/validation/formats.ts";
import type { V1ObjectFieldSelector, V1ResourceFieldSelector } from "../../../generated/types.ts";

const knownFields: ReadonlySet<string> = new Set([
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.restartPolicy",
  "spec.serviceAccountName",
  "spec.schedulerName",
  "status.phase",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
]);

/** What an environment variable can show; sorted, as the messages name them. */
export const envFields = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];

/** What a file of a volume can show. */
export const fileFields = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];

export function validateFieldRef(
  reference: V1ObjectFieldSelector,
  path: string,
  fields: readonly string[],
  errors: FieldError[],
): void {
  const { apiVersion = "", fieldPath = "" } = reference;
  if (apiVersion === "") {
    errors.push(requiredField(`${path}.apiVersion`));
    return;
  }
  if (fieldPath === "") {
    errors.push(requiredField(`${path}.fieldPath`));
    return;
  }
  const [, outer = "", subscript = ""] = /^([^[\]]+)\['(.*)'\]$/.exec(fieldPath) ?? [];
  const why =
    apiVersion !== "v1"
      ? `unsupported pod version: ${apiVersion}`
      : isKnown(outer === "" ? fieldPath : outer, outer !== "")
        ? undefined
        : outer === ""
          ? `field label not supported: ${fieldPath}`
          : `field label does not support subscript: ${fieldPath}`;
  if (why !== undefined) {
    errors.push(invalidField(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${why}`));
  } else if (outer !== "") {
    const key = outer === "metadata.annotations" ? subscript.toLowerCase() : subscript;
    checkFormat(errors, path, key, checkQualifiedName);
  } else if (!fields.includes(fieldPath)) {
    errors.push(notSupportedField(`${path}.fieldPath`, fieldPath, fields));
  }
}

/** Only maps have entries of their own. */
function isKnown(field: string, hasSubscript: boolean): boolean {
  if (hasSubscript) return field === "metadata.annotations" || field === "metadata.labels";
  return knownFields.has(field);
}

const resourceFields = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];

const byteDivisors = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";

interface DivisorRule {
  readonly allowed: string;
  readonly text: string;
  readonly what: string;
}

function divisorRule(resource: string): DivisorRule | undefined {
  const name = resource.slice(resource.indexOf(".") + 1);
  if (name === "cpu") return { allowed: "1m, 1", text: "1m and 1", what: "cpu" };
  const what =
    name === "memory"
      ? "memory"
      : name === "ephemeral-storage"
        ? "local ephemeral storage"
        : name.startsWith("hugepages-")
          ? "hugepages"
          : undefined;
  return what === undefined ? undefined : { allowed: byteDivisors, text: byteDivisors, what };
}

export function validateResourceFieldRef(
  reference: V1ResourceFieldSelector,
  path: string,
  isInVolume: boolean,
  errors: FieldError[],
): void {
  const { resource = "", divisor = "0", containerName } = reference;
  if (isInVolume && !containerName) errors.push(requiredField(`${path}.containerName`));
  else if (resource === "") errors.push(requiredField(`${path}.resource`));
  else if (!resourceFields.includes(resource) && !/^(?:limits|requests)\.hugepages-/.test(resource)) {
    errors.push(notSupportedField(`${path}.resource`, resource, resourceFields));
  }
  if (divisor === "0") return;
  const rule = divisorRule(resource);
  if (rule === undefined || rule.allowed.split(", ").includes(divisor)) return;
  const detail = `only divisor's values ${rule.text} are supported with the ${rule.what} resource`;
  errors.push(invalidField(`${path}.divisor`, resource, detail));
}
