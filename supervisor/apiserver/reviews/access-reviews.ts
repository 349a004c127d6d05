/** May somebody do something (kubernetes `pkg/registry/authorization/{subject,selfsubject,localsubject}accessreview`). */
import type {
  V1SelfSubjectAccessReview,
  V1SubjectAccessReview,
  V1SubjectAccessReviewSpec,
} from "../../api/generated/types.ts";
import { type FieldError, invalidField } from "../../apimachinery/field-error.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newBadRequest, newInvalid } from "../../apimachinery/status-errors.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";
import type { Answer, Answers } from "../handlers/answer.ts";
import type { ResourceContext } from "../request-context.ts";
import { attributesOf, validateQuestion, validateSubject } from "./access-attributes.ts";

/** Whom a review is of. */
function subjectOf({ user = "", groups = [], uid, extra }: V1SubjectAccessReviewSpec): UserInfo {
  return {
    name: user,
    groups,
    ...(uid ? { uid } : {}),
    ...(extra === undefined ? {} : { extra }),
  };
}

function refuseInvalid({ store }: ResourceContext, errors: readonly FieldError[]): void {
  const { group, kind } = store.definition;
  if (errors.length > 0) throw newInvalid({ group, kind }, "", errors);
}

/** A question has no name and no other metadata. */
function validateMetadata({ metadata }: ApiObject): readonly FieldError[] {
  const {
    managedFields: _managedFields,
    namespace: _namespace,
    ...others
  } = {
    managedFields: undefined,
    ...metadata,
  };
  if (Object.keys(others).length === 0) return [];
  return [invalidField("metadata", metadata, "must be empty")];
}

function decided(context: ResourceContext, question: ApiObject, user: UserInfo): ApiObject {
  // Decoding made this a review of whichever kind; all ask alike.
  const { spec } = question as unknown as V1SelfSubjectAccessReview;
  const { decision, reason } = context.authorizer.authorize(user, attributesOf(spec));
  const status = {
    allowed: decision === "allow",
    ...(decision === "deny" ? { denied: true } : {}),
    ...(reason === "" ? {} : { reason }),
  };
  return { ...question, status };
}

const ofSelf: Answer = (context, question) => {
  // Decoding made this a SelfSubjectAccessReview.
  const { spec } = question as unknown as V1SelfSubjectAccessReview;
  refuseInvalid(context, [...validateQuestion(spec), ...validateMetadata(question)]);
  return decided(context, question, context.user);
};

const ofSubject: Answer = (context, question) => {
  // Decoding made this a SubjectAccessReview.
  const { spec } = question as unknown as V1SubjectAccessReview;
  const errors = [...validateQuestion(spec), ...validateSubject(spec), ...validateMetadata(question)];
  refuseInvalid(context, errors);
  return decided(context, question, subjectOf(spec));
};

const ofLocalSubject: Answer = (context, question) => {
  // Decoding made this a LocalSubjectAccessReview.
  const { spec } = question as unknown as V1SubjectAccessReview;
  const { namespace } = context.info;
  if ((question.metadata.namespace ?? namespace) !== namespace) {
    throw newBadRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
  }
  const errors = [...validateQuestion(spec), ...validateSubject(spec), ...validateMetadata(question)];
  const asked = spec.resourceAttributes?.namespace ?? "";
  if (spec.resourceAttributes !== undefined && asked !== namespace) {
    errors.push(invalidField("spec.resourceAttributes.namespace", asked, "must match metadata.namespace"));
  }
  if (spec.nonResourceAttributes !== undefined) {
    const why = "disallowed on this kind of request";
    errors.push(invalidField("spec.nonResourceAttributes", spec.nonResourceAttributes, why));
  }
  refuseInvalid(context, errors);
  const metadata = { ...question.metadata, namespace };
  return decided(context, { ...question, metadata }, subjectOf(spec));
};

export const accessReviews: Answers = {
  SelfSubjectAccessReview: ofSelf,
  SubjectAccessReview: ofSubject,
  LocalSubjectAccessReview: ofLocalSubject,
};
