import { afterAll, beforeAll, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1CertificateSigningRequest } from "../../../supervisor/api/generated/types.ts";
import { HttpTransport } from "../../../supervisor/client/http-transport.ts";
import { resources } from "../../../supervisor/client/resources.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import type { ResourceClient } from "../../../supervisor/client/types.ts";
import { openssl } from "../../framework/openssl.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";
import { waitUntil } from "../../framework/wait-until.ts";

let supervisor: TestSupervisor;
let requests: ResourceClient<V1CertificateSigningRequest>;
let number = 0;
let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pacific-requests-"));
  supervisor = await startTestSupervisor();
  requests = supervisor.admin.resource(resources.certificateSigningRequests);
});

afterAll(async () => {
  await supervisor.stop();
  rmSync(folder, { recursive: true });
});

interface Wanted {
  readonly signerName: string;
  readonly usages: readonly string[];
  /** As openssl takes it: `/O=devs/CN=jane`. */
  readonly subject: string;
  readonly alternativeNames?: string;
  readonly expirationSeconds?: number;
}

/** Asks as an administrator, with a request that openssl made, approves it, and waits for the signer's answer. */
async function ask(
  wanted: Wanted,
): Promise<{ readonly csr: V1CertificateSigningRequest; readonly keyPem: string }> {
  const names =
    wanted.alternativeNames === undefined ? [] : ["-addext", `subjectAltName=${wanted.alternativeNames}`];
  const keyPath = join(folder, "key");
  const pem = openssl(
    "req",
    "-new",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    keyPath,
    "-subj",
    wanted.subject,
    ...names,
  );
  const keyPem = readFileSync(keyPath, "utf8");
  const created = await requests.create({
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name: `request-${++number}` },
    spec: {
      request: Buffer.from(pem).toString("base64"),
      signerName: wanted.signerName,
      usages: wanted.usages,
      ...(wanted.expirationSeconds === undefined ? {} : { expirationSeconds: wanted.expirationSeconds }),
    },
  });
  const conditions = [{ type: "Approved", status: "True", reason: "Test", message: "by hand" }];
  await requests.updateSubresource({ ...created, status: { conditions } }, "approval");
  const csr = await waitUntil(async () => {
    const now = await requests.get(created.metadata?.name ?? "");
    const isFailed = now.status?.conditions?.some(({ type }) => type === "Failed") ?? false;
    return (now.status?.certificate !== undefined || isFailed) && now;
  });
  return { csr, keyPem };
}

function failureOf(csr: V1CertificateSigningRequest): string | undefined {
  return csr.status?.conditions?.find(({ type }) => type === "Failed")?.message;
}

const client = {
  signerName: "kubernetes.io/kube-apiserver-client",
  usages: ["client auth", "digital signature"],
};
const serving = { signerName: "kubernetes.io/kubelet-serving", usages: ["server auth", "digital signature"] };

test("an approved client certificate is signed for its subject and the time that it asks for, and is a user", async () => {
  const { csr, keyPem } = await ask({
    ...client,
    subject: "/C=DE/O=devs/CN=jane",
    expirationSeconds: 3600,
  });
  const pem = Buffer.from(csr.status?.certificate ?? "", "base64").toString();
  const certificate = new X509Certificate(pem);
  expect(certificate.subject).toBe("C=DE\nO=devs\nCN=jane");
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  expect(Date.parse(certificate.validTo) - Date.now()).toBeLessThan(3601_000);
  const credentials = { certificatePem: pem, keyPem };
  const jane = createClient(
    new HttpTransport({ server: supervisor.url, caPem: supervisor.caPem, credentials }),
  );
  await expect(jane.resource(resources.pods, "default").list()).rejects.toThrow(
    'User "jane" cannot list resource "pods"',
  );
});

test("what a signer must not sign fails with kube-controller-manager's reason", async () => {
  const { csr: careless } = await ask({
    ...client,
    subject: "/O=devs/CN=jane",
    usages: ["digital signature"],
  });
  expect(careless.status?.certificate).toBeUndefined();
  expect(failureOf(careless)).toBe("missing required usage for client certificate: client auth");
  const { csr: foreign } = await ask({
    ...serving,
    subject: "/O=system:nodes/CN=system:node:a",
    alternativeNames: "DNS:a",
  });
  expect(failureOf(foreign)).toBe("requester must be the node that the certificate is for");
  const { csr: nameless } = await ask({
    ...serving,
    subject: "/O=system:nodes/CN=system:node:a",
  });
  expect(failureOf(nameless)).toBe("DNS or IP subjectAltName is required");
  expect(nameless.status?.conditions?.at(-1)).toMatchObject({
    type: "Failed",
    reason: "SignerValidationFailure",
  });
});
