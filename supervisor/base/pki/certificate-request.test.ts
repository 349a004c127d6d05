import { expect, test } from "bun:test";
import fc from "../../../test/framework/fast-check.ts";
import { asError } from "../errors.ts";
import {
  certificateRequestComplaint,
  createCertificateRequest,
  readCertificateRequest,
} from "./certificate-request.ts";
import { generateKeyPem, privateKeyHash } from "./keys.ts";
import { toPem } from "./pem.ts";

function attempt<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return asError(error);
  }
}

const subject = { commonName: "system:node:web-1.example.com", organizations: ["system:nodes"] };

test("a request that was written is read back, with the hash of its key", () => {
  const keyPem = generateKeyPem();
  const request = readCertificateRequest(createCertificateRequest(keyPem, subject));
  expect(request).toMatchObject({ ...subject, dnsNames: [], ipAddresses: [], otherNames: 0 });
  expect(request.publicKeyHash).toBe(privateKeyHash(keyPem));
});

test("a request for a server's certificate has its names", () => {
  const names = ["box", "192.0.2.7", "2001:db8::7"];
  const request = readCertificateRequest(createCertificateRequest(generateKeyPem(), subject, names));
  expect(request.dnsNames).toEqual(["box"]);
  expect(request.ipAddresses).toEqual(["192.0.2.7", "2001:db8:0:0:0:0:0:7"]);
});

test("readCertificateRequest refuses what is no request, is too long, or was changed after it was signed", () => {
  expect(() => readCertificateRequest("hello")).toThrow("PEM block type must be CERTIFICATE REQUEST");
  expect(() => readCertificateRequest("x".repeat(20_000))).toThrow("longer than 16384 bytes");
  const pem = createCertificateRequest(generateKeyPem(), subject);
  const der = Buffer.from(pem.split("\n").slice(1, -2).join(""), "base64");
  const name = der.indexOf("web-1");
  der[name] = "x".charCodeAt(0);
  const changed = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
  expect(() => readCertificateRequest(changed)).toThrow("signature");
});

test("readCertificateRequest reads no other subject or key out of a request with a changed byte", () => {
  const keyPem = generateKeyPem();
  const pem = createCertificateRequest(keyPem, subject);
  const der = Buffer.from(pem.split("\n").slice(1, -2).join(""), "base64");
  for (let at = 0; at < der.length; at++) {
    const changed = Buffer.from(der);
    changed[at] = (changed[at] ?? 0) ^ 0x81;
    const text = `-----BEGIN CERTIFICATE REQUEST-----\n${changed.toString("base64")}\n-----END CERTIFICATE REQUEST-----`;
    const result = attempt(() => readCertificateRequest(text));
    // Some bytes around what is signed have several forms for one meaning.
    if (!(result instanceof Error))
      expect(result).toMatchObject({ ...subject, publicKeyHash: privateKeyHash(keyPem) });
  }
});

test("readCertificateRequest answers bytes of any kind with an error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const pem = toPem("CERTIFICATE REQUEST", bytes);
      expect(attempt(() => readCertificateRequest(pem))).toBeInstanceOf(Error);
    }),
  );
  const der = Buffer.from(
    createCertificateRequest(generateKeyPem(), subject).split("\n").slice(1, -2).join(""),
    "base64",
  );
  for (let length = 0; length < der.length; length++) {
    const pem = toPem("CERTIFICATE REQUEST", der.subarray(0, length));
    expect(() => readCertificateRequest(pem)).toThrow("Bad DER");
  }
});

test("a request that is stored may have other forms, and must be signed by its key", () => {
  const pem = createCertificateRequest(generateKeyPem(), subject);
  const der = Buffer.from(pem.split("\n").slice(1, -2).join(""), "base64");
  const changed = Buffer.from(der);
  changed[der.indexOf("web-1")] = "x".charCodeAt(0);
  expect(certificateRequestComplaint(`Some text\n${pem}${pem}`)).toBeUndefined();
  expect(certificateRequestComplaint(toPem("CERTIFICATE REQUEST", changed))).toBe(
    "x509: ECDSA verification failure",
  );
  expect(certificateRequestComplaint(toPem("CERTIFICATE REQUEST", Buffer.alloc(1)))).toMatch(/^Bad DER/);
  for (const text of [
    "",
    pem.replaceAll("BEGIN CERT", "BEGIN NEW CERT").replaceAll("END CERT", "END NEW CERT"),
  ]) {
    expect(certificateRequestComplaint(text)).toBe("PEM block type must be CERTIFICATE REQUEST");
  }
});
