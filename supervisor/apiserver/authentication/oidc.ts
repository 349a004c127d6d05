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
import { type ClaimEvaluator, ClaimMapper } from "./jwt/claim-mapper.ts";
import type { JwtAuthenticatorSettings } from "./jwt/jwt-authenticator.ts";
import type { TokenAuthenticator, TokenIdentity, TokenRefusal } from "./token-authenticator.ts";

export interface OidcOptions {
  readonly settings: JwtAuthenticatorSettings;
  /** Evaluates the expressions that the settings have. */
  readonly evaluator?: ClaimEvaluator;
  /** The algorithms that signatures may be made by. */
  readonly signingAlgorithms: readonly string[];
  readonly clock: Clock;
}

/** So long at least the provider is not asked again for its keys: strange tokens must not flood it. */
const keyRefreshMs = 10_000;
const notBeforeLeewayMs = 5 * 60_000;
const rememberedTokens = 1024;

export class OidcAuthenticator implements TokenAuthenticator {
  readonly #options: OidcOptions;
  readonly #mapper: ClaimMapper;
  readonly #verified = new Map<string, Claims>();
  #keys: readonly VerifyingKey[] = [];
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(options: OidcOptions) {
    this.#options = options;
    this.#mapper = new ClaimMapper(options.settings, options.evaluator);
  }

  authenticate(
    token: string,
  ): TokenIdentity | TokenRefusal | Promise<TokenIdentity | TokenRefusal> | undefined {
    const known = this.#verified.get(token);
    if (known !== undefined) return this.#identity(known);
    const { settings, signingAlgorithms } = this.#options;
    if (unverifiedClaims(token)?.iss !== settings.issuer.url) return undefined;
    const algorithm = String(tokenAlgorithm(token));
    if (signingAlgorithms.includes(algorithm)) return this.#verify(token);
    const expected = `expected ${goTexts(signingAlgorithms)}`;
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
    const { settings, clock } = this.#options;
    const { url, discoveryURL = "" } = settings.issuer;
    this.#askedAtMs = clock.now();
    const wellKnown = `${url.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const discovery = await this.#document(discoveryURL === "" ? wellKnown : discoveryURL);
    if (discovery.issuer !== url) {
      throw new Error(
        `oidc: issuer URL provided to client (${JSON.stringify(url)}) did not match the issuer URL returned by provider (${JSON.stringify(discovery.issuer)})`,
      );
    }
    const set = await this.#document(String(discovery.jwks_uri));
    const keys: readonly Claims[] = Array.isArray(set.keys) ? set.keys : [];
    this.#keys = keys.flatMap((jwk) => keyOfSet(jwk) ?? []);
  }

  async #document(url: string): Promise<Claims> {
    const { certificateAuthority: ca = "" } = this.#options.settings.issuer;
    const response = await fetch(url, {
      redirect: "error",
      signal: AbortSignal.timeout(keyRefreshMs),
      ...(ca === "" ? {} : { tls: { ca } }),
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

  /** Whom verified claims name. */
  #identity(claims: Claims): TokenIdentity | TokenRefusal {
    const { settings, clock } = this.#options;
    const audiences = [claims.aud ?? []].flat();
    const wanted = settings.issuer.audiences;
    if (!wanted.some((audience) => audiences.includes(audience))) {
      const error = `oidc: expected audience in ${goTexts(wanted.toSorted())} got ${goTexts(audiences)}`;
      return { error: `oidc: verify token: ${error}` };
    }
    const nowMs = clock.now();
    if (typeof claims.exp !== "number" || claims.exp * 1000 < nowMs) {
      return { error: "oidc: verify token: oidc: token is expired" };
    }
    if (typeof claims.nbf === "number" && claims.nbf * 1000 > nowMs + notBeforeLeewayMs) {
      return { error: "oidc: verify token: oidc: current time before the nbf (not before) time" };
    }
    return this.#mapper.identity(claims);
  }
}

/** Texts as Go's `%q` prints them. */
function goTexts(texts: readonly unknown[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(" ")}]`;
}
