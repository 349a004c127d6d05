import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CertificateAuthority } from "../../../supervisor/base/pki/certificate-authority.ts";
import {
  createCertificateRequest,
  readCertificateRequest,
} from "../../../supervisor/base/pki/certificate-request.ts";
import { generateKeyPem } from "../../../supervisor/base/pki/keys.ts";
import { openssl } from "../../framework/openssl.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pacific-openssl-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("openssl verifies our certificates by its strict rules, and reads what we wrote", () => {
  const nowMs = Date.now();
  const authority = CertificateAuthority.create("pacific-ca@1", nowMs);
  const alternativeNames = ["localhost", "127.0.0.1", "::1", "fd00::a:0:0:7", "::ffff:192.0.2.1"];
  const subject = { commonName: "system:node:ä-1", organizations: ["system:nodes", "zwei"] };
  const leaf = authority.issue({ subject, uses: ["server", "client"], alternativeNames, nowMs });
  const [caPath, leafPath] = [file("ca", authority.certificatePem), file("leaf", leaf.certificatePem)];
  for (const purpose of ["sslserver", "sslclient"]) {
    const verdict = openssl("verify", "-x509_strict", "-purpose", purpose, "-CAfile", caPath, leafPath);
    expect(verdict).toBe(`${leafPath}: OK\n`);
  }
  const text = openssl("x509", "-in", leafPath, "-noout", "-text", "-nameopt", "utf8,sep_comma_plus");
  expect(text).toContain("Subject: O=system:nodes,O=zwei,CN=system:node:ä-1");
  expect(text).toContain("Issuer: CN=pacific-ca@1");
  expect(text).toContain(
    "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:FD00:0:0:0:A:0:0:7, IP Address:0:0:0:0:0:FFFF:C000:201",
  );
  expect(text).toContain("CA:FALSE");
  expect(text).toContain("TLS Web Server Authentication, TLS Web Client Authentication");
});

test("openssl takes our request for good", () => {
  const subject = { commonName: "system:node:a", organizations: ["system:nodes"] };
  const path = file("request", createCertificateRequest(generateKeyPem(), subject));
  expect(openssl("req", "-in", path, "-noout", "-verify", "-subject")).toContain(
    "O = system:nodes, CN = system:node:a",
  );
});

test("an authority's last certificates are written beyond 2050, and never outlive it", () => {
  const nowMs = Date.parse("2049-06-01T00:00:00Z");
  const authority = CertificateAuthority.create("late", nowMs);
  const soon = authority.issue({
    subject: { commonName: "a" },
    uses: ["client"],
    nowMs,
    lifeMs: 400 * 24 * 3600_000,
  });
  expect(openssl("x509", "-in", file("late", soon.certificatePem), "-noout", "-enddate")).toContain(
    "2050 GMT",
  );
  const endless = authority.issue({ subject: { commonName: "a" }, uses: ["client"], nowMs, lifeMs: 1e13 });
  const dates = [authority.certificatePem, endless.certificatePem].map((pem, index) =>
    openssl("x509", "-in", file(`end-${index}`, pem), "-noout", "-enddate"),
  );
  expect(dates[1]).toBe(dates[0] ?? "");
});

test.each([
  ["rsa", ["-newkey", "rsa:2048"]],
  ["rsa with SHA-512", ["-newkey", "rsa:2048", "-sha512"]],
  ["P-384", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384"]],
  ["Ed25519", ["-newkey", "ed25519"]],
])("requests that openssl made are read: %s", (_, key) => {
  const names = "subjectAltName=DNS:a.example.com,IP:192.0.2.7,IP:fd00::7,email:a@example.com,URI:https://a";
  const keyPath = join(folder, "key");
  const pem = openssl(
    "req",
    "-new",
    ...key,
    "-nodes",
    "-keyout",
    keyPath,
    "-subj",
    "/O=devs/O=ops/CN=jane",
    "-addext",
    names,
  );
  expect(readCertificateRequest(pem)).toMatchObject({
    commonName: "jane",
    organizations: ["devs", "ops"],
    dnsNames: ["a.example.com"],
    ipAddresses: ["192.0.2.7", "fd00:0:0:0:0:0:0:7"],
    otherNames: 2,
  });
});
