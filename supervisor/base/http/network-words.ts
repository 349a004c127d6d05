/**
 * Why a connection failed, in the words of Go's standard library: people and programs know these from the messages of
 * Kubernetes.
 */
import { messageOf } from "../errors.ts";

const connecting: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ETIMEDOUT: "i/o timeout",
};

const unknownAuthority = "x509: certificate signed by unknown authority";
const outOfTime = "x509: certificate has expired or is not yet valid";

const verifying: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_HAS_EXPIRED: outOfTime,
  CERT_NOT_YET_VALID: outOfTime,
};

/** `host` and `port` are those that were asked for; an error that is none of a connection keeps its own words. */
export function networkWords(
  error: unknown,
  { host, port }: { host: string; port: number | string },
): string {
  const code = codeOf(error);
  const connection = connecting[code];
  if (connection !== undefined) return `dial tcp ${host}:${port}: ${connection}`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `dial tcp: lookup ${host}: no such host`;
  if (code === "ECONNRESET") return "EOF";
  const why = code === "ERR_TLS_CERT_ALTNAME_INVALID" ? wrongName(messageOf(error), host) : verifying[code];
  return why === undefined ? messageOf(error) : `tls: failed to verify certificate: ${why}`;
}

/** What the certificate is for is in the errors of `node:tls`, and not in those of `fetch`. */
function wrongName(message: string, host: string): string {
  const names = /is not in the cert's altnames: (.*)$/.exec(message)?.[1];
  if (names === undefined) return `x509: certificate is not valid for ${host}`;
  const plain = names.split(", ").map((name) => name.replace(/^(?:DNS|IP Address):/, ""));
  return `x509: certificate is valid for ${plain.join(", ")}, not ${host}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
