import type { UserInfo } from "../../registry/resource-definition.ts";
import type { AuditRecord } from "../audit/auditor.ts";
import { impersonatedUser, wantedUser } from "../authentication/impersonation.ts";
import { type Authorizer, forbidden } from "../authorization/authorizer.ts";
import type { RequestInfo } from "../request-info.ts";

/** The user as whom the sender may make the request, mostly itself. Throws Forbidden. */
export function authorizeRequest(
  authorizer: Authorizer,
  sender: UserInfo,
  headers: Headers,
  info: RequestInfo,
  record: AuditRecord | undefined,
): UserInfo {
  const wanted = wantedUser(headers);
  const user = wanted === undefined ? sender : impersonatedUser(authorizer, sender, wanted, info);
  if (user !== sender) record?.impersonated(user);
  const verdict = authorizer.authorize(user, info);
  const isAllowed = verdict.decision === "allow";
  record?.annotate("authorization.k8s.io/decision", isAllowed ? "allow" : "forbid");
  record?.annotate("authorization.k8s.io/reason", verdict.reason);
  if (!isAllowed) throw forbidden(user, info, verdict.reason);
  return user;
}
