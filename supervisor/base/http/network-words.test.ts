import { expect, test } from "bun:test";
import { networkWords } from "./network-words.ts";

const place = { host: "hook.example.com", port: 443 };

function failure(code: string, message = "as the runtime says it"): Error {
  return Object.assign(new Error(message), { code });
}

test.each([
  ["ECONNREFUSED", "dial tcp hook.example.com:443: connect: connection refused"],
  ["ENOTFOUND", "dial tcp: lookup hook.example.com: no such host"],
  ["ECONNRESET", "EOF"],
  [
    "CERT_HAS_EXPIRED",
    "tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
  ],
  [
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "tls: failed to verify certificate: x509: certificate signed by unknown authority",
  ],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "tls: failed to verify certificate: x509: certificate is not valid for hook.example.com",
  ],
])("%s is told in Go's words", (code, words) => {
  expect(networkWords(failure(code), place)).toBe(words);
});

test("names of a certificate are told where the error has them, and other errors keep their words", () => {
  const message =
    "Hostname/IP does not match certificate's altnames: Host: hook.example.com. is not in the cert's altnames: DNS:a.example.com, IP Address:10.0.0.1";
  expect(networkWords(failure("ERR_TLS_CERT_ALTNAME_INVALID", message), place)).toBe(
    "tls: failed to verify certificate: x509: certificate is valid for a.example.com, 10.0.0.1, not hook.example.com",
  );
  expect(networkWords(new Error("something else"), place)).toBe("something else");
});
