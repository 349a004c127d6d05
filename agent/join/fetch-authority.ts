import type { JoinToken } from "../../supervisor/base/pki/join-token.ts";
import { certificateKeyHash } from "../../supervisor/base/pki/keys.ts";
import { HttpTransport } from "../../supervisor/client/http-transport.ts";
import { readBody, toApiError } from "../../supervisor/client/response.ts";
import { JoinError } from "./join-error.ts";

const maxBytes = 64 * 1024;

/**
 * Asks a supervisor for its certificate authority, trusting nobody yet, and checks it against the token's hash.
 * Throws a {@link JoinError} where it is not the one that made the token.
 */
export async function fetchAuthority(server: string, token: JoinToken, signal: AbortSignal): Promise<string> {
  const transport = new HttpTransport({ server, insecureSkipTlsVerify: true });
  const response = await transport.fetch("/cacerts", { signal });
  if (response.status === 404) {
    throw new JoinError(`${server} is no supervisor of Pacific (it has no /cacerts): check --server`);
  }
  if (!response.ok) throw await toApiError(response);
  const pem = await readBody(response, maxBytes);
  const found = hashOf(pem);
  if (found === token.caKeyHash) return pem;
  throw new JoinError(
    `${server} is not the supervisor that made join token ${token.id}: its certificate authority has the key hash ${found}, expected ${token.caKeyHash}; check --server, and whether somebody stands in between, or make a new token there`,
  );
}

function hashOf(pem: string): string {
  try {
    return certificateKeyHash(pem);
  } catch {
    return "of no certificate at all";
  }
}
