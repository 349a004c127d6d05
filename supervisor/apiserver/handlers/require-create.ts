import { forbidden } from "../authorization/authorizer.ts";
import type { ResourceContext } from "../request-context.ts";

/** A PUT or PATCH of what is not there creates it, which takes the right to do so. Throws Forbidden. */
export function requireCreate({ authorizer, user, info }: ResourceContext): void {
  const asked = { ...info, verb: "create" as const };
  const { decision, reason } = authorizer.authorize(user, asked);
  if (decision !== "allow") throw forbidden(user, asked, reason);
}
