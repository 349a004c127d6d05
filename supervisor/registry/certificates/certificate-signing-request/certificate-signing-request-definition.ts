import {
  validateCertificateSigningRequest,
  validateCertificateSigningRequestUpdate,
} from "../../../api/certificates/v1/certificate-signing-request-validation.ts";
import type { V1CertificateSigningRequest } from "../../../api/generated/types.ts";
import { type FieldError, invalidField } from "../../../apimachinery/field-error.ts";
import { certificateRequestComplaint } from "../../../base/pki/certificate-request.ts";
import { defineResource } from "../../define-resource.ts";
import { humanDuration } from "../../human-duration.ts";
import type { Strategy, StrategyContext, Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn, type TableDefinition } from "../../table.ts";

type CertificateSigningRequest = Typed<V1CertificateSigningRequest>;
type Request = CertificateSigningRequest;

const verdicts: ReadonlySet<string> = new Set(["Approved", "Denied"]);

function conditionsOf(request: Request) {
  return request.status?.conditions ?? [];
}

/** Gives new conditions their times. */
function stamp(request: Request, old: Request, now: string): void {
  for (const condition of conditionsOf(request)) {
    const before = conditionsOf(old).find(({ type }) => type === condition.type);
    condition.lastUpdateTime ??= now;
    if (condition.lastTransitionTime !== undefined) continue;
    const unchanged = before?.status === condition.status ? before.lastTransitionTime : undefined;
    condition.lastTransitionTime = unchanged ?? now;
  }
}

/** `approval`: the conditions, the verdict among them, and nothing else. */
const approvalStrategy: Strategy = {
  prepareForUpdate(request: Request, old: Request, context) {
    request.spec = old.spec;
    request.status = { ...old.status, conditions: [...conditionsOf(request)] };
    stamp(request, old, context.now);
  },
  validateUpdate: (request: Request, old: Request) =>
    validateCertificateSigningRequestUpdate(request, old, { mayDecide: true }),
};

/** `status`: the certificate and conditions, never the verdict. */
const statusStrategy: Strategy = {
  prepareForUpdate(request: Request, old: Request, context) {
    request.spec = old.spec;
    keepVerdicts(request, old);
    stamp(request, old, context.now);
  },
  validateUpdate: (request: Request, old: Request) =>
    validateCertificateSigningRequestUpdate(request, old, { mayIssue: true }),
};

/** A verdict that is still there stays as it was; validation complains of one that comes or goes. */
function keepVerdicts(request: Request, old: Request): void {
  const conditions = conditionsOf(request).map((condition) => {
    const before = conditionsOf(old).find(({ type }) => type === condition.type);
    return verdicts.has(condition.type) && before !== undefined ? { ...before } : condition;
  });
  if (conditions.length > 0) request.status = { ...request.status, conditions };
}

function requestErrors({ spec }: Request): readonly FieldError[] {
  const base64 = spec?.request ?? "";
  const complaint = certificateRequestComplaint(Buffer.from(base64, "base64").toString("latin1"));
  return complaint === undefined ? [] : [invalidField("spec.request", base64, complaint)];
}

const table: TableDefinition = {
  columns: [
    nameColumn,
    ageColumn,
    column("SignerName", "signerName indicates the requested signer, and is a qualified name."),
    column("Requestor", "The user that made the request."),
    column("RequestedDuration", "The requested duration of validity of the issued certificate."),
    column("Condition", "The verdict on the request and whether its certificate is issued."),
  ],
  cells(object, nowMs) {
    // Decoding made this a CertificateSigningRequest.
    const request = object as unknown as Request;
    const { expirationSeconds, signerName, username } = request.spec;
    return [
      request.metadata.name ?? "",
      age(request.metadata.creationTimestamp, nowMs),
      signerName || "<none>",
      username ?? "",
      expirationSeconds === undefined ? "<none>" : humanDuration(expirationSeconds * 1000),
      conditionText(request),
    ];
  },
};

function conditionText(request: Request): string {
  const types = conditionsOf(request).map(({ type }) => type);
  const first = ["Denied", "Approved"].find((type) => types.includes(type)) ?? "Pending";
  const verdict = types.includes("Failed") ? `${first},Failed` : first;
  return request.status?.certificate ? `${verdict},Issued` : verdict;
}

/** CertificateSigningRequests (kubernetes `pkg/registry/certificates/certificates/strategy.go`). */
export const certificateSigningRequestDefinition = defineResource({
  group: "certificates.k8s.io",
  resource: "certificatesigningrequests",
  kind: "CertificateSigningRequest",
  namespaced: false,
  shortNames: ["csr"],
  strategy: {
    prepareForCreate(request: Request, { user }: StrategyContext) {
      request.status = {};
      if (request.spec === undefined) return;
      request.spec.username = user.name;
      request.spec.groups = [...user.groups];
      delete request.spec.uid;
      delete request.spec.extra;
      if (user.uid !== undefined) request.spec.uid = user.uid;
      if (user.extra !== undefined) {
        request.spec.extra = Object.fromEntries(
          Object.entries(user.extra).map(([key, list]) => [key, [...list]]),
        );
      }
    },
    validate: (request: Request) => [
      ...requestErrors(request),
      ...validateCertificateSigningRequest(request),
    ],
    prepareForUpdate(request: Request, old: Request) {
      request.spec = old.spec;
      request.status = old.status ?? {};
    },
  },
  subresources: {
    status: { type: "part", strategy: statusStrategy },
    approval: { type: "part", strategy: approvalStrategy },
  },
  table,
  selectableFields: (request: Request) => ({ "spec.signerName": request.spec?.signerName ?? "" }),
});
