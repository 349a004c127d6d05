import { messageOf } from "../../../supervisor/base/errors.ts";
import { ImageError } from "../image-service.ts";

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused: is the registry running there?",
  ECONNRESET: "the connection was closed before the answer was whole",
  ENOTFOUND: "no such host: check the registry's name and this host's DNS",
  EAI_AGAIN: "no such host: this host's DNS does not answer",
  ETIMEDOUT: "the connection timed out",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "the network is unreachable",
  EPROTO:
    "the TLS handshake failed; if the registry speaks plain http, list it among the insecure registries",
};

/** The error where no whole answer came. */
export function connectionError(error: unknown, host: string): ImageError {
  if (error instanceof ImageError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = messageOf(error);
  const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME/.test(code);
  const reason = isCertificate
    ? `its certificate is not trusted (${message}); give this host the registry's certificate authority`
    : (reasons[code] ?? message);
  return new ImageError("unavailable", `registry ${host}: ${reason}`, { cause: error });
}
