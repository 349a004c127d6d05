/** Who may do what (kubernetes `apiserver/pkg/authorization/authorizer`). */
import type { ApiError } from "../../apimachinery/errors.ts";
import { type FieldRequirement, parseFieldSelector } from "../../apimachinery/fields.ts";
import { SelectorError } from "../../apimachinery/labels.ts";
import { newForbidden } from "../../apimachinery/status-errors.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";

/** What is asked for of a resource; every resource request is one. */
export interface ResourceAttributes {
  readonly isResource: true;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** Empty for cluster-scoped resources and for all namespaces. */
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  /** Empty for collections. */
  readonly name: string;
  /** A request's, which may hold a field selector. */
  readonly query?: URLSearchParams;
  /** A review's field selector. */
  readonly fields?: readonly FieldRequirement[];
}

/** What is asked for of a path that is no resource. */
interface PathAttributes {
  readonly isResource: false;
  readonly verb: string;
  readonly path: string;
}

export type Attributes = ResourceAttributes | PathAttributes;

export interface Verdict {
  readonly decision: "allow" | "deny" | "no opinion";
  /** Why, in the words that clients see; empty where there is nothing to say. */
  readonly reason: string;
}

/** Says whether a user may do what is asked for. Answers from memory: every request waits for it. */
export interface Authorizer {
  authorize(user: UserInfo, attributes: Attributes): Verdict;
}

export const noOpinion: Verdict = { decision: "no opinion", reason: "" };

/** The first opinion of several; where none has one, their reasons together (`authorization/union`). */
export function firstOpinion(authorizers: readonly Authorizer[]): Authorizer {
  return {
    authorize(user, attributes) {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const verdict = authorizer.authorize(user, attributes);
        if (verdict.decision !== "no opinion") return verdict;
        if (verdict.reason !== "") reasons.push(verdict.reason);
      }
      return reasons.length === 0 ? noOpinion : { decision: "no opinion", reason: reasons.join("\n") };
    },
  };
}

const superuserGroup = "system:masters";

/** Allows its members everything, whatever the rules say. */
export const superuserAuthorizer: Authorizer = {
  authorize: (user) => (user.groups.includes(superuserGroup) ? { decision: "allow", reason: "" } : noOpinion),
};

export function isSuperuser(user: UserInfo): boolean {
  return user.groups.includes(superuserGroup);
}

/** The field selector that a collection is read by; empty where there is none or it cannot be read. */
export function fieldsOf(attributes: ResourceAttributes): readonly FieldRequirement[] {
  if (attributes.fields !== undefined) return attributes.fields;
  try {
    // Read as the handlers read it: a text that only looks like the term must not count.
    return parseFieldSelector(attributes.query?.get("fieldSelector") ?? "");
  } catch (error) {
    if (error instanceof SelectorError) return [];
    throw error;
  }
}

/** Keeps what a user says of itself from being taken for markup (`handlers/responsewriters/errors.go`). */
function sanitized(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The refusal, in kube-apiserver's words. */
export function forbidden(user: UserInfo, attributes: Attributes, reason: string): ApiError {
  const what = sanitized(forbiddenMessage(user, attributes));
  const why = reason === "" ? what : `${what}: ${reason}`;
  if (!attributes.isResource) return newForbidden({ group: "", resource: "" }, "", why);
  const { group, resource, name } = attributes;
  return newForbidden({ group, resource }, name, why);
}

function forbiddenMessage(user: UserInfo, attributes: Attributes): string {
  const who = `User ${JSON.stringify(user.name)}`;
  const { verb } = attributes;
  if (!attributes.isResource) return `${who} cannot ${verb} path ${JSON.stringify(attributes.path)}`;
  const { group, resource, subresource, namespace } = attributes;
  const what = JSON.stringify(subresource === "" ? resource : `${resource}/${subresource}`);
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  return `${who} cannot ${verb} resource ${what} in API group ${JSON.stringify(group)} ${where}`;
}
