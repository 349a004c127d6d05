/** What a webhook is asked and answers (admission/v1 `AdmissionReview`; apiserver `webhook/request/admissionreview.go`). */
import { isJsonObject, type JsonObject } from "../../../apimachinery/json/json-value.ts";
import type { AdmissionTarget } from "../policy/admission-target.ts";
import type { PolicySubject } from "../policy/policy-subject.ts";
import { reviewRequest } from "../policy/review-request.ts";

const kind = "AdmissionReview";

/** A webhook's answer, checked. */
export interface ReviewAnswer {
  readonly allowed: boolean;
  /** meta/v1 `Status` of a refusal. */
  readonly status: JsonObject | undefined;
  /** A JSON patch; undefined where the object is to stay as it is. */
  readonly patch: string | undefined;
  readonly warnings: readonly string[];
  /** For the audit log, by the names that the webhook gives. */
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** The review in the version that the webhook knows; undefined where it knows none of ours. */
export function reviewVersion(versions: readonly string[]): string | undefined {
  return versions.find((version) => version === "v1" || version === "v1beta1");
}

export function admissionReview(
  subject: PolicySubject,
  matched: AdmissionTarget,
  { uid, version }: { readonly uid: string; readonly version: string },
): object {
  const { object, old } = subject;
  const request = {
    uid,
    ...reviewRequest(subject, matched),
    ...(object === undefined ? {} : { object: subject.inVersionOf(matched, object) }),
    ...(old === undefined ? {} : { oldObject: subject.inVersionOf(matched, old) }),
  };
  return { kind, apiVersion: `admission.k8s.io/${version}`, request };
}

/** Throws an error in kube-apiserver's words for an answer that is none. */
export function readAnswer(
  answer: JsonObject,
  { uid, version }: { readonly uid: string; readonly version: string },
): ReviewAnswer {
  const { response, apiVersion } = answer;
  const isOld = version === "v1beta1";
  if (!isJsonObject(response)) throw new Error("webhook response was absent");
  if (!isOld && (answer.kind !== kind || apiVersion !== `admission.k8s.io/${version}`)) {
    const wanted = `admission.k8s.io/${version}, Kind=${kind}`;
    throw new Error(
      `expected webhook response of ${wanted}, got ${String(apiVersion)}, Kind=${String(answer.kind)}`,
    );
  }
  if (!isOld && response.uid !== uid) {
    throw new Error(
      `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? "")}`,
    );
  }
  const patch = typeof response.patch === "string" && response.patch !== "" ? response.patch : undefined;
  if (!isOld && patch !== undefined && response.patchType === undefined) {
    throw new Error("webhook returned response.patch but not response.patchType");
  }
  if (!isOld && patch === undefined && response.patchType !== undefined) {
    throw new Error("webhook returned response.patchType but not response.patch");
  }
  if (patch !== undefined && response.patchType !== undefined && response.patchType !== "JSONPatch") {
    throw new Error(`unsupported patch type ${JSON.stringify(response.patchType)}`);
  }
  const { warnings = [] } = response;
  return {
    allowed: response.allowed === true,
    status: isJsonObject(response.status) ? response.status : undefined,
    patch: patch === undefined ? undefined : Buffer.from(patch, "base64").toString("utf8"),
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
    auditAnnotations: annotationsOf(response),
  };
}

function annotationsOf({ auditAnnotations }: JsonObject): Readonly<Record<string, string>> {
  if (!isJsonObject(auditAnnotations)) return {};
  return Object.fromEntries(Object.entries(auditAnnotations).map(([key, value]) => [key, String(value)]));
}
