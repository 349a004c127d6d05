/** Users of an OpenID Connect provider (kubernetes `apiserver/plugin/pkg/authenticator/token/oidc`). */
import type { Clock } from "../../base/clock.ts";
import {
  type Claims,
  keyOfSet,
  tokenAlgorithm,
  unverifiedClaims,
  type VerifyingKey,
  verifyToken,
} from "../../base/pki/token-keys.ts";
import type { TokenAuthenticator, TokenIdentity, TokenRefusal } from "./token-authenticator.ts";

export interface OidcOptions {
  readonly issuerUrl: string;
  readonly clientId: string;
  readonly usernameClaim: string;
  readonly usernamePrefix: string;
  readonly groupsClaim?: string;
  readonly groupsPrefix: string;
  /** Claims that tokens must have, with their values. */
  readonly requiredClaims: Readonly<Record<string, string>>;
  /** The algorithms that signatures may be made by. */
  readonly signingAlgorithms: readonly string[];
  /** The CA of the provider; the system's where it is absent. */
  readonly caPem?: string;
  readonly clock: Clock;
}

/** So long at least the provider is not asked again for its keys: strange tokens must not flood it. */
const keyRefreshMs = 10_000;
const notBeforeLeewayMs = 5 * 60_000;
const rememberedTokens = 1024;

export class OidcAuthenticator implements TokenAuthenticator {
  readonly #options: OidcOptions;
  readonly #verified = new Map<string, Claims>();
  #keys: readonly VerifyingKey[] = [];
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(options: OidcOptions) {
    this.#options = options;
  }

  authenticate(
    token: string,
  ): TokenIdentity | TokenRefusal | Promise<TokenIdentity | TokenRefusal> | undefined {
    const known = this.#verified.get(token);
    if (known !== undefined) return this.#identity(known);
    const { issuerUrl, signingAlgorithms } = this.#options;
    if (unverifiedClaims(token)?.iss !== issuerUrl) return undefined;
    const algorithm = String(tokenAlgorithm(token));
    if (signingAlgorithms.includes(algorithm)) return this.#verify(token);
    const expected = `expected [${signingAlgorithms.map((name) => JSON.stringify(name)).join(" ")}]`;
    return {
      error: `oidc: verify token: oidc: id token signed with unsupported algorithm, ${expected} got ${JSON.stringify(algorithm)}`,
    };
  }

  async #verify(token: string): Promise<TokenIdentity | TokenRefusal> {
    try {
      const claims = verifyToken(token, this.#keys) ?? (await this.#verifyAnew(token));
      if (claims === undefined) {
        return {
          error: "oidc: verify token: failed to verify signature: failed to verify id token signature",
        };
      }
      this.#remember(token, claims);
      return this.#identity(claims);
    } catch (error) {
      return {
        error: `oidc: authenticator not initialized: ${error instanceof Error ? error.message : error}`,
      };
    }
  }

  /** Asks the provider for its keys once more: they change. */
  async #verifyAnew(token: string): Promise<Claims | undefined> {
    const { clock } = this.#options;
    if (clock.now() - this.#askedAtMs >= keyRefreshMs) {
      this.#asking ??= this.#fetchKeys().finally(() => {
        this.#asking = undefined;
      });
    }
    await this.#asking;
    return verifyToken(token, this.#keys);
  }

  async #fetchKeys(): Promise<void> {
    const { issuerUrl, clock } = this.#options;
    this.#askedAtMs = clock.now();
    const discovery = await this.#document(
      `${issuerUrl.replace(/\/$/, "")}/.well-known/openid-configuration`,
    );
    if (discovery.issuer !== issuerUrl) {
      throw new Error(
        `oidc: issuer URL provided to client (${JSON.stringify(issuerUrl)}) did not match the issuer URL returned by provider (${JSON.stringify(discovery.issuer)})`,
      );
    }
    const set = await this.#document(String(discovery.jwks_uri));
    const keys: readonly Claims[] = Array.isArray(set.keys) ? set.keys : [];
    this.#keys = keys.flatMap((jwk) => keyOfSet(jwk) ?? []);
  }

  async #document(url: string): Promise<Claims> {
    const { caPem } = this.#options;
    const response = await fetch(url, {
      redirect: "error",
      signal: AbortSignal.timeout(keyRefreshMs),
      ...(caPem === undefined ? {} : { tls: { ca: caPem } }),
    });
    if (!response.ok) throw new Error(`${url} answers with status ${response.status}`);
    const document: unknown = await response.json();
    if (typeof document !== "object" || document === null) throw new Error(`${url} is no JSON object`);
    return { ...document };
  }

  #remember(token: string, claims: Claims): void {
    if (this.#verified.size >= rememberedTokens) {
      const [oldest] = this.#verified.keys();
      if (oldest !== undefined) this.#verified.delete(oldest);
    }
    this.#verified.set(token, claims);
  }

  /** Why the claims are not those that tokens must have. */
  #missingClaim(claims: Claims): string | undefined {
    for (const [name, wanted] of Object.entries(this.#options.requiredClaims)) {
      const value = claims[name];
      if (value === undefined) return `oidc: required claim ${name} not present in ID token`;
      if (typeof value !== "string") return `oidc: parse claim ${name}: the value is no text`;
      if (value !== wanted) {
        return `oidc: required claim ${name} value does not match. Got = ${value}, want = ${wanted}`;
      }
    }
    return undefined;
  }

  /** Whom verified claims name. */
  #identity(claims: Claims): TokenIdentity | TokenRefusal {
    const { clientId, usernameClaim, usernamePrefix, groupsClaim, groupsPrefix, clock } = this.#options;
    const audiences = [claims.aud ?? []].flat();
    if (!audiences.includes(clientId)) {
      return {
        error: `oidc: verify token: oidc: expected audience ${JSON.stringify(clientId)} got ${JSON.stringify(audiences)}`,
      };
    }
    const nowMs = clock.now();
    if (typeof claims.exp !== "number" || claims.exp * 1000 < nowMs) {
      return { error: "oidc: verify token: oidc: token is expired" };
    }
    if (typeof claims.nbf === "number" && claims.nbf * 1000 > nowMs + notBeforeLeewayMs) {
      return { error: "oidc: verify token: oidc: current time before the nbf (not before) time" };
    }
    const name = claims[usernameClaim];
    if (typeof name !== "string")
      return { error: `oidc: parse username claims ${JSON.stringify(usernameClaim)}` };
    if (usernameClaim === "email" && claims.email_verified === false)
      return { error: "oidc: email not verified" };
    const missing = this.#missingClaim(claims);
    if (missing !== undefined) return { error: missing };
    const groups = groupsClaim === undefined ? [] : [claims[groupsClaim] ?? []].flat();
    const names = groups.filter((group) => typeof group === "string").map((group) => groupsPrefix + group);
    return { user: { name: usernamePrefix + name, groups: names } };
  }
}
