import type { AdmissionTarget } from "./admission-target.ts";
import type { PolicySubject } from "./policy-subject.ts";

/** admission/v1 `AdmissionRequest` without uid and objects, which expressions have as variables of their own. */
export function reviewRequest({ target, request }: PolicySubject, matched: AdmissionTarget): object {
  const { user } = request.context;
  const kind = `${target.operation.charAt(0)}${target.operation.slice(1).toLowerCase()}Options`;
  return {
    kind: matched.kind,
    resource: { group: matched.group, version: matched.version, resource: matched.resource },
    ...(target.subresource === ""
      ? {}
      : { subResource: target.subresource, requestSubResource: target.subresource }),
    requestKind: target.kind,
    requestResource: { group: target.group, version: target.version, resource: target.resource },
    ...(target.name === "" ? {} : { name: target.name }),
    ...(target.namespace === "" ? {} : { namespace: target.namespace }),
    operation: target.operation,
    userInfo: {
      username: user.name,
      ...(user.uid === undefined ? {} : { uid: user.uid }),
      groups: user.groups,
      ...(user.extra === undefined ? {} : { extra: user.extra }),
    },
    dryRun: request.dryRun,
    options: { kind, apiVersion: "meta.k8s.io/v1", ...(request.dryRun ? { dryRun: ["All"] } : {}) },
  };
}
