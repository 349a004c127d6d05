/** Bearer tokens: who is known by which (kubernetes `apiserver/pkg/authentication/token`). */
import { newUnauthorized } from "../../apimachinery/status-errors.ts";
import type { UserInfo } from "../../registry/resource-definition.ts";
import { type Authenticator, authenticated, bearerToken } from "./authenticator.ts";
import { webSocketToken } from "./web-socket-token.ts";

export interface TokenIdentity {
  readonly user: UserInfo;
  /** Whom the token was made for, where it says so: those of the wanted ones that it names. */
  readonly audiences?: readonly string[];
}

/** Why a token that an authenticator takes for its own is no good. */
export interface TokenRefusal {
  readonly error: string;
}

type TokenResult = TokenIdentity | TokenRefusal | undefined;

/** Tells whose a token is; undefined where it is none of those that this one knows. */
export interface TokenAuthenticator {
  authenticate(token: string, audiences: readonly string[]): TokenResult | Promise<TokenResult>;
}

const unknownToken = "invalid bearer token";

/** All that know tokens, asked in their order. */
export class TokenAuthenticators {
  readonly #authenticators: readonly TokenAuthenticator[];
  /** Whom tokens for this server are made for. */
  readonly audiences: readonly string[];

  constructor(authenticators: readonly TokenAuthenticator[], audiences: readonly string[]) {
    this.#authenticators = authenticators;
    this.audiences = audiences;
  }

  /** Whose a token is, as a member of the group of all known users, or why it is nobody's. */
  authenticate(
    token: string,
    audiences: readonly string[] = this.audiences,
  ): TokenIdentity | TokenRefusal | Promise<TokenIdentity | TokenRefusal> {
    const errors: string[] = [];
    for (const [index, authenticator] of this.#authenticators.entries()) {
      const result = authenticator.authenticate(token, audiences);
      if (result instanceof Promise) return this.#rest(token, audiences, result, index, errors);
      if (result === undefined) continue;
      if ("user" in result) return withGroup(result);
      errors.push(result.error);
    }
    return refusal(errors);
  }

  async #rest(
    token: string,
    audiences: readonly string[],
    pending: Promise<TokenResult>,
    index: number,
    errors: string[],
  ): Promise<TokenIdentity | TokenRefusal> {
    let result = await pending;
    for (const authenticator of [...this.#authenticators.slice(index + 1), undefined]) {
      if (result !== undefined && "user" in result) return withGroup(result);
      if (result !== undefined) errors.push(result.error);
      result = await authenticator?.authenticate(token, audiences);
    }
    return refusal(errors);
  }
}

function withGroup(identity: TokenIdentity): TokenIdentity {
  const user = authenticated(identity.user);
  return user === identity.user ? identity : { ...identity, user };
}

function refusal(errors: readonly string[]): TokenRefusal {
  return { error: errors.length === 0 ? unknownToken : `[${[unknownToken, ...errors].join(", ")}]` };
}

/** Knows senders by the token in their `Authorization` header, or among the protocols of a WebSocket; refuses tokens that are nobody's. */
export function bearerAuthenticator(tokens: TokenAuthenticators): Authenticator {
  const userOf = (result: TokenIdentity | TokenRefusal): UserInfo => {
    if ("error" in result) throw newUnauthorized();
    return result.user;
  };
  return {
    authenticate(headers) {
      const token = bearerToken(headers) ?? webSocketToken(headers);
      if (token === undefined) return undefined;
      const result = tokens.authenticate(token);
      return result instanceof Promise ? result.then(userOf) : userOf(result);
    },
  };
}
