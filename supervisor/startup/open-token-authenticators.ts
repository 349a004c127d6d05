import { readFile } from "node:fs/promises";
import { OidcAuthenticator } from "../apiserver/authentication/oidc.ts";
import type { TokenAuthenticator } from "../apiserver/authentication/token-authenticator.ts";
import { parseTokenFile, tokenFileAuthenticator } from "../apiserver/authentication/token-file.ts";
import type { Clock } from "../base/clock.ts";
import type { OidcSettings, SupervisorOptions } from "../base/config/supervisor-settings.ts";
import { messageOf } from "../base/errors.ts";

/** Those who know the tokens of a file and of an OpenID Connect provider. Throws an error that names the flag at fault. */
export async function openTokenAuthenticators(
  { tokenAuthFile, oidc }: SupervisorOptions,
  clock: Clock,
): Promise<readonly TokenAuthenticator[]> {
  return [
    ...(tokenAuthFile === undefined ? [] : [await loadTokens(tokenAuthFile)]),
    ...(oidc === undefined ? [] : [await loadOidc(oidc, clock)]),
  ];
}

async function loadTokens(path: string): Promise<TokenAuthenticator> {
  try {
    return tokenFileAuthenticator(parseTokenFile(await readFile(path, "utf8")));
  } catch (error) {
    throw new Error(`Cannot use --token-auth-file ${path}: ${messageOf(error)}`, { cause: error });
  }
}

async function loadOidc({ caFile, ...settings }: OidcSettings, clock: Clock): Promise<TokenAuthenticator> {
  try {
    const caPem = caFile === undefined ? {} : { caPem: await readFile(caFile, "utf8") };
    return new OidcAuthenticator({ ...settings, ...caPem, clock });
  } catch (error) {
    throw new Error(`Cannot use --oidc-ca-file ${caFile}: ${messageOf(error)}`, { cause: error });
  }
}
