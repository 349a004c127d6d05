/** The Pod security standards by namespaces' labels (kubernetes `plugin/pkg/admission/security/podsecurity`). */
import type { V1PodSpec } from "../../../api/generated/types.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { ApiObject, ObjectMeta } from "../../../apimachinery/object-meta.ts";
import { newForbidden, newInvalid } from "../../../apimachinery/status-errors.ts";
import type { ObjectCache } from "../../storage/object-cache.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { describeViolations, evaluatePod } from "./evaluate-pod.ts";
import { existingPodWarnings } from "./existing-pods.ts";
import { templateOf } from "./pod-templates.ts";
import {
  compareLevels,
  formatLevelVersion,
  noSecurityPolicy,
  type SecurityPolicy,
  securityPolicyOf,
} from "./security-policy.ts";

/** Subresources that leave a Pod's spec alone. */
const ignored: ReadonlySet<string> = new Set([
  "attach",
  "binding",
  "eviction",
  "exec",
  "log",
  "portforward",
  "proxy",
  "status",
]);

const auditPrefix = "pod-security.kubernetes.io/";

export function podSecurity(policies: ObjectCache<SecurityPolicy>): AdmissionPlugin {
  return {
    name: "PodSecurity",
    validate(request) {
      const { operation, context } = request;
      if (operation !== "CREATE" && operation !== "UPDATE") return undefined;
      const { group, resource } = context.store.definition;
      if (group === "" && resource === "namespaces") return checkNamespace(request);
      const policy = policies.get(context.info.namespace);
      const isPod = group === "" && resource === "pods";
      if (policy === undefined || request.object === undefined) {
        if (isPod) noteEnforced(request, noSecurityPolicy);
        return undefined;
      }
      if (isPod) checkPod(request, request.object, policy);
      else warnOfTemplate(request, request.object, policy);
      return undefined;
    },
  };
}

function checkPod(request: AdmissionRequest, object: ApiObject, policy: SecurityPolicy): void {
  const { context, old } = request;
  if (ignored.has(context.info.subresource)) return;
  if (old !== undefined && !isSignificantUpdate(specOf(object), specOf(old))) return;
  noteEnforced(request, policy);
  const violations = evaluatePod(policy.enforce, specOf(object), object.metadata);
  noteViolations(request, specOf(object), object.metadata, policy);
  if (violations.length > 0) {
    const level = formatLevelVersion(policy.enforce);
    const why = `violates PodSecurity ${JSON.stringify(level)}: ${describeViolations(violations)}`;
    throw newForbidden(context.store.groupResource, object.metadata.name ?? context.info.name, why);
  }
  warn(request, specOf(object), object.metadata, policy);
}

/** What makes Pods is not refused: its author is told. */
function warnOfTemplate(request: AdmissionRequest, object: ApiObject, policy: SecurityPolicy): void {
  const { store, info } = request.context;
  if (info.subresource !== "") return;
  const template = templateOf(store.definition, object);
  if (template?.spec === undefined) return;
  noteViolations(request, template.spec, template.metadata ?? {}, policy);
  warn(request, template.spec, template.metadata ?? {}, policy);
}

/** Says in the audit log which level a Pod was held to. */
function noteEnforced({ context }: AdmissionRequest, policy: SecurityPolicy): void {
  if (ignored.has(context.info.subresource)) return;
  context.audit?.annotate(`${auditPrefix}enforce-policy`, formatLevelVersion(policy.enforce));
}

/** Says in the audit log what breaks the level that is to be audited. */
function noteViolations(
  { context: { audit } }: AdmissionRequest,
  spec: V1PodSpec,
  metadata: ObjectMeta,
  policy: SecurityPolicy,
): void {
  if (audit === undefined) return;
  const violations = evaluatePod(policy.audit, spec, metadata);
  if (violations.length === 0) return;
  const level = JSON.stringify(formatLevelVersion(policy.audit));
  const what = `would violate PodSecurity ${level}: ${describeViolations(violations)}`;
  audit.annotate(`${auditPrefix}audit-violations`, what);
}

function warn(
  { context }: AdmissionRequest,
  spec: V1PodSpec,
  metadata: ObjectMeta,
  policy: SecurityPolicy,
): void {
  const violations = evaluatePod(policy.warn, spec, metadata);
  if (violations.length === 0) return;
  const level = JSON.stringify(formatLevelVersion(policy.warn));
  context.warnings.push(`would violate PodSecurity ${level}: ${describeViolations(violations)}`);
}

function specOf(pod: ApiObject): V1PodSpec {
  // Decoding made this a Pod; one without a spec has failed validation.
  return (pod.spec ?? { containers: [] }) as V1PodSpec;
}

/** Of what may change in a Pod, images and added containers matter. */
function isSignificantUpdate(spec: V1PodSpec, old: V1PodSpec): boolean {
  const images = ({ containers, initContainers = [] }: V1PodSpec) =>
    [containers, initContainers].map((list) => list.map(({ image }) => image ?? ""));
  if (!equalJson(images(spec), images(old))) return true;
  return (spec.ephemeralContainers ?? []).some(({ name, image }) => {
    const before = (old.ephemeralContainers ?? []).find((one) => one.name === name);
    return before === undefined || before.image !== image;
  });
}

/** A namespace's labels must be right where they change; what runs already is told of a stricter level. */
function checkNamespace(request: AdmissionRequest): Promise<void> | undefined {
  const { context, object, old } = request;
  if (context.info.subresource !== "" || object === undefined) return undefined;
  const policy = securityPolicyOf(object.metadata.labels ?? {}) ?? noSecurityPolicy;
  const before = securityPolicyOf(old?.metadata.labels ?? {}) ?? noSecurityPolicy;
  const { errors } = policy;
  if (
    errors.length > 0 &&
    (before.errors.length === 0 || JSON.stringify(errors) !== JSON.stringify(before.errors))
  ) {
    throw newInvalid({ group: "", kind: "Namespace" }, object.metadata.name ?? "", errors);
  }
  if (old === undefined || policy.enforce.level === "privileged") return undefined;
  const isSameVersion = policy.enforce.minor === before.enforce.minor;
  if (isSameVersion && compareLevels(policy.enforce, before.enforce) <= 0) return undefined;
  return existingPodWarnings(context.store.backend, object.metadata.name ?? "", policy.enforce).then(
    (warnings) => void context.warnings.push(...warnings),
  );
}
