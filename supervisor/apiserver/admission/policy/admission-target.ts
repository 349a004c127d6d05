import type { AdmissionRequest } from "../admission.ts";

/** What a write is about, in the words of rules and of the review of a request (admission/v1 `AdmissionRequest`). */
export interface AdmissionTarget {
  readonly operation: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** The kind of the body, with the group and version that go with it. */
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  /** Empty while it is still to be generated. */
  readonly name: string;
  /** Empty for cluster-scoped resources; a Namespace is in itself. */
  readonly namespace: string;
  readonly isNamespace: boolean;
}

export function admissionTarget({ operation, context, object, old }: AdmissionRequest): AdmissionTarget {
  const { store, info, subresource } = context;
  const { group, version, resource, kind, namespaced } = store.definition;
  const isNamespace = group === "" && resource === "namespaces";
  const isOtherKind = subresource !== undefined && subresource.type !== "part";
  const name = info.name || (object?.metadata?.name ?? old?.metadata.name ?? "");
  const [bodyGroup, bodyVersion] = splitApiVersion(object?.apiVersion ?? "");
  return {
    operation,
    group,
    version,
    resource,
    subresource: info.subresource,
    kind: isOtherKind
      ? { group: bodyGroup, version: bodyVersion, kind: subresource.kind }
      : { group, version, kind },
    name,
    namespace: isNamespace ? name : namespaced ? info.namespace : "",
    isNamespace,
  };
}

function splitApiVersion(apiVersion: string): [string, string] {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? ["", apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}

/** Kinds that no policy or webhook is asked about, so that a wrong one can be mended (`rules.IsExemptAdmissionConfigurationResource`). */
export function isExempt({ group, resource }: Pick<AdmissionTarget, "group" | "resource">): boolean {
  if (group !== "admissionregistration.k8s.io") return false;
  return /^(?:validating|mutating)(?:webhookconfigurations|admissionpolicies|admissionpolicybindings)$/.test(
    resource,
  );
}
