import { expect, test } from "bun:test";
import { createCertificateRequest, readCertificateRequest } from "./certificate-request.ts";
import { generateKeyPem, privateKeyHash } from "./keys.ts";

const subject = { commonName: "system:node:web-1.example.com", organizations: ["system:nodes"] };

test("a request that was written is read back, with the hash of its key", async () => {
  const keyPem = generateKeyPem();
  const request = await readCertificateRequest(await createCertificateRequest(keyPem, subject));
  expect(request).toMatchObject({ ...subject, dnsNames: [], ipAddresses: [], otherNames: 0 });
  expect(request.publicKeyHash).toBe(privateKeyHash(keyPem));
});

test("readCertificateRequest refuses what is no request, is too long, or was changed after it was signed", async () => {
  expect(readCertificateRequest("hello")).rejects.toThrow("PEM block type must be CERTIFICATE REQUEST");
  expect(readCertificateRequest("x".repeat(20_000))).rejects.toThrow("longer than 16384 bytes");
  const pem = await createCertificateRequest(generateKeyPem(), subject);
  const der = Buffer.from(pem.split("\n").slice(1, -2).join(""), "base64");
  const name = der.indexOf("web-1");
  der[name] = "x".charCodeAt(0);
  const changed = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
  expect(readCertificateRequest(changed)).rejects.toThrow("signature");
});

test("readCertificateRequest reads no other subject or key out of a request with a changed byte", async () => {
  const keyPem = generateKeyPem();
  const pem = await createCertificateRequest(keyPem, subject);
  const der = Buffer.from(pem.split("\n").slice(1, -2).join(""), "base64");
  for (let at = 0; at < der.length; at++) {
    const changed = Buffer.from(der);
    changed[at] = (changed[at] ?? 0) ^ 0x81;
    const text = `-----BEGIN CERTIFICATE REQUEST-----\n${changed.toString("base64")}\n-----END CERTIFICATE REQUEST-----`;
    const result = await readCertificateRequest(text).catch((error: unknown) => error);
    // Some bytes around what is signed have several forms for one meaning.
    if (!(result instanceof Error))
      expect(result).toMatchObject({ ...subject, publicKeyHash: privateKeyHash(keyPem) });
  }
});
