import { ApiError } from "../../../apimachinery/errors.ts";
import { newForbidden } from "../../../apimachinery/status-errors.ts";
import type { PolicySubject } from "./policy-subject.ts";

/** The codes of the reasons that a policy may give. */
const codes: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

/** The name in a refusal: also of an object whose name is still to be made. */
function subjectName({ target, object }: PolicySubject): string {
  return target.name || (object?.metadata.generateName ?? "Unknown");
}

/** A write is refused for `messages`, the first of which is the error's own. */
export function policyRefusal(
  subject: PolicySubject,
  messages: readonly string[],
  reason = "Invalid",
  /** Of a refusal whose message is the first one alone; the reason's own for one that names the object. */
  bareCode?: number,
): ApiError {
  const [first = ""] = messages;
  const { groupResource } = subject.request.context.store;
  const causes = messages.map((message) => ({ message }));
  const { status } = newForbidden(groupResource, subjectName(subject), first, causes);
  return new ApiError({
    ...status,
    ...(bareCode === undefined ? {} : { message: first }),
    reason,
    code: bareCode ?? codes[reason] ?? 422,
  });
}
