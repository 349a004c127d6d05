import { readFile } from "node:fs/promises";
import { serviceAccountIssuer } from "../apiserver/authentication/authentication.ts";
import { parseAuthenticationConfiguration } from "../apiserver/authentication/jwt/authentication-configuration.ts";
import type { AnonymousSettings } from "../apiserver/authentication/jwt/jwt-authenticator.ts";
import { validateAuthenticationConfiguration } from "../apiserver/authentication/jwt/validate-configuration.ts";
import { OidcAuthenticator } from "../apiserver/authentication/oidc.ts";
import type { TokenAuthenticator } from "../apiserver/authentication/token-authenticator.ts";
import { parseTokenFile, tokenFileAuthenticator } from "../apiserver/authentication/token-file.ts";
import type { Clock } from "../base/clock.ts";
import {
  knownAlgorithms,
  type OidcSettings,
  type SupervisorOptions,
} from "../base/config/supervisor-settings.ts";
import { UsageError } from "../base/config/usage-error.ts";
import { messageOf } from "../base/errors.ts";

export interface OpenedAuthenticators {
  readonly tokenAuthenticators: readonly TokenAuthenticator[];
  /** Which requests of nobody are answered; all where it is absent. */
  readonly anonymous?: AnonymousSettings;
}

/** Those who know the tokens of a file and of OpenID Connect providers. Throws an error that names the flag at fault. */
export async function openTokenAuthenticators(
  { tokenAuthFile, oidc, authenticationConfig, anonymousAuth }: SupervisorOptions,
  clock: Clock,
): Promise<OpenedAuthenticators> {
  const configured =
    authenticationConfig === undefined ? undefined : await loadConfiguration(authenticationConfig, clock);
  const tokenAuthenticators = [
    ...(tokenAuthFile === undefined ? [] : [await loadTokens(tokenAuthFile)]),
    ...(oidc === undefined ? [] : [await loadOidc(oidc, clock)]),
    ...(configured?.tokenAuthenticators ?? []),
  ];
  if (anonymousAuth === undefined) return { ...configured, tokenAuthenticators };
  if (configured?.anonymous === undefined) {
    return { tokenAuthenticators, anonymous: { enabled: anonymousAuth } };
  }
  throw new UsageError(
    "--anonymous-auth and the field anonymous of --authentication-config exclude each other: say it in one place",
  );
}

async function loadTokens(path: string): Promise<TokenAuthenticator> {
  try {
    return tokenFileAuthenticator(parseTokenFile(await readFile(path, "utf8")));
  } catch (error) {
    throw new Error(`Cannot use --token-auth-file ${path}: ${messageOf(error)}`, { cause: error });
  }
}

async function loadOidc(oidc: OidcSettings, clock: Clock): Promise<TokenAuthenticator> {
  const { caFile, groupsClaim, signingAlgorithms } = oidc;
  try {
    const ca = caFile === undefined ? {} : { certificateAuthority: await readFile(caFile, "utf8") };
    const groups =
      groupsClaim === undefined ? {} : { groups: { claim: groupsClaim, prefix: oidc.groupsPrefix } };
    const settings = {
      issuer: { url: oidc.issuerUrl, audiences: [oidc.clientId], ...ca },
      claimMappings: { username: { claim: oidc.usernameClaim, prefix: oidc.usernamePrefix }, ...groups },
      claimValidationRules: Object.entries(oidc.requiredClaims).map(([claim, requiredValue]) => ({
        claim,
        requiredValue,
      })),
    };
    return new OidcAuthenticator({ settings, signingAlgorithms, clock });
  } catch (error) {
    throw new Error(`Cannot use --oidc-ca-file ${caFile}: ${messageOf(error)}`, { cause: error });
  }
}

async function loadConfiguration(path: string, clock: Clock): Promise<OpenedAuthenticators> {
  try {
    const configuration = parseAuthenticationConfiguration(await readFile(path, "utf8"));
    // Expressions need much that other servers never load.
    const { ClaimExpressions } = await import("../apiserver/authentication/jwt/claim-expressions.ts");
    const evaluator = new ClaimExpressions();
    const errors = validateAuthenticationConfiguration(configuration, evaluator, [serviceAccountIssuer]);
    if (errors.length > 0) throw new Error(errors.map(({ field, body }) => `${field}: ${body}`).join(", "));
    const tokenAuthenticators = configuration.jwt.map(
      (settings) => new OidcAuthenticator({ settings, evaluator, signingAlgorithms: knownAlgorithms, clock }),
    );
    const { anonymous } = configuration;
    return { tokenAuthenticators, ...(anonymous === undefined ? {} : { anonymous }) };
  } catch (error) {
    throw new Error(`Cannot use --authentication-config ${path}: ${messageOf(error)}`, { cause: error });
  }
}
