/** Whom tokens of a provider are trusted to name (apiserver.config.k8s.io/v1 `AuthenticationConfiguration`). */

export interface TokenIssuer {
  readonly url: string;
  /** Where the provider's document is, if not below `url`. */
  readonly discoveryURL?: string;
  /** PEM; the system's where it is absent. */
  readonly certificateAuthority?: string;
  /** A token must be for one of them. */
  readonly audiences: readonly string[];
  readonly audienceMatchPolicy?: string;
}

interface ClaimOrExpression {
  readonly claim?: string;
  readonly expression?: string;
}

export interface PrefixedClaimOrExpression extends ClaimOrExpression {
  readonly prefix?: string;
}

export interface ClaimValidationRule extends ClaimOrExpression {
  readonly requiredValue?: string;
  readonly message?: string;
}

interface ExtraMapping {
  readonly key: string;
  readonly valueExpression: string;
}

export interface UserValidationRule {
  readonly expression: string;
  readonly message?: string;
}

export interface JwtAuthenticatorSettings {
  readonly issuer: TokenIssuer;
  readonly claimValidationRules?: readonly ClaimValidationRule[];
  readonly claimMappings: {
    readonly username: PrefixedClaimOrExpression;
    readonly groups?: PrefixedClaimOrExpression;
    readonly uid?: ClaimOrExpression;
    readonly extra?: readonly ExtraMapping[];
  };
  readonly userValidationRules?: readonly UserValidationRule[];
}

export interface AnonymousSettings {
  readonly enabled: boolean;
  /** The paths that may be asked for; all where there is none. */
  readonly conditions?: ReadonlyArray<{ readonly path: string }>;
}

export interface AuthenticationConfiguration {
  readonly jwt: readonly JwtAuthenticatorSettings[];
  readonly anonymous?: AnonymousSettings;
}
