/** Who somebody is (kubernetes `pkg/registry/authentication`). */
import type { V1TokenReview } from "../../api/generated/types.ts";
import { newBadRequest, newInternalError } from "../../apimachinery/status-errors.ts";
import { timestamp } from "../../base/timestamp.ts";
import type { TokenAuthenticators } from "../authentication/token-authenticator.ts";
import type { Answers } from "../handlers/answer.ts";
import { shownUser } from "./user-info.ts";

export function identityReviews(tokens: TokenAuthenticators): Answers {
  return {
    SelfSubjectReview({ user, services }, question) {
      const metadata = { ...question.metadata, creationTimestamp: timestamp(services.clock.now()) };
      return { ...question, metadata, status: { userInfo: shownUser(user) } };
    },
    async TokenReview(_context, question) {
      // Decoding made this a TokenReview.
      const { token, audiences = [] } = (question as unknown as V1TokenReview).spec;
      if (!token) throw newBadRequest("token is required for TokenReview in authentication");
      const wanted = audiences.length === 0 ? tokens.audiences : audiences;
      const result = await tokens.authenticate(token, wanted);
      if ("error" in result) return { ...question, status: { user: {}, error: result.error } };
      const known = result.audiences ?? tokens.audiences;
      const shared = known.filter((audience) => wanted.includes(audience));
      if (wanted.length > 0 && shared.length === 0) throw newInternalError("error validating audiences");
      const status = { authenticated: true, user: shownUser(result.user), audiences: shared };
      return { ...question, status };
    },
  };
}
