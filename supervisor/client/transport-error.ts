/**
 * No answer came from a server. Kinds: `unreachable` (no connection), `untrusted` (its certificate is not signed by
 * the CA that we trust, or is for another name), `broken` (the connection ended before the answer did).
 */
export class TransportError extends Error {
  override readonly name = "TransportError";

  constructor(
    readonly kind: "unreachable" | "untrusted" | "broken",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const untrusted =
  /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_|ERR_TLS_CERT_ALTNAME_INVALID|CERTIFICATE_VERIFY_FAILED/i;
const unreachable =
  /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ETIMEDOUT|EAI_AGAIN|ConnectionRefused|FailedToOpenSocket/i;

/** Turns what a fetch threw into a {@link TransportError} that names the server; an abort stays what it is. */
export function toTransportError(server: string, error: unknown): unknown {
  if (!(error instanceof Error) || error.name === "AbortError" || error instanceof TransportError)
    return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (untrusted.test(code)) {
    return new TransportError(
      "untrusted",
      `The certificate of ${server} is not trusted (${code}): it is not signed by the expected CA or is for another name`,
      { cause: error },
    );
  }
  if (unreachable.test(code)) {
    const message = `Cannot reach ${server} (${code}): check the address and that the server runs`;
    return new TransportError("unreachable", message, { cause: error });
  }
  return new TransportError("broken", `The connection to ${server} broke (${code || error.message})`, {
    cause: error,
  });
}
