import { expect, test } from "bun:test";
import type { CertificateRequest } from "../../base/pki/certificate-request.ts";
import { apiClientSigner, nodeClientSigner, nodeServingSigner, signers } from "./signers.ts";

const node: CertificateRequest = {
  commonName: "system:node:a",
  organizations: ["system:nodes"],
  dnsNames: [],
  ipAddresses: [],
  otherNames: 0,
  subject: Buffer.alloc(0),
  keyInfo: Buffer.alloc(0),
  publicKeyHash: "",
};

function refuse(
  signerName: string,
  request: Partial<CertificateRequest>,
  usages: readonly string[],
  username = "",
) {
  const spec = { request: "", signerName, usages, username };
  return signers[signerName]?.refuse({ ...node, ...request }, spec);
}

const clientUsages = ["digital signature", "client auth"];

test("the kubelet client signer takes nodes' subjects and usages only", () => {
  const check = (request: Partial<CertificateRequest>, usages = clientUsages) =>
    refuse(nodeClientSigner, request, usages);
  expect(check({})).toBeUndefined();
  expect(check({}, [...clientUsages, "key encipherment"])).toBeUndefined();
  expect(check({ organizations: ["system:nodes", "system:masters"] })).toContain("only 'system:nodes'");
  expect(check({ commonName: "system:admin" })).toContain("does not begin with 'system:node:'");
  expect(check({ commonName: "system:node:" })).toContain("does not begin with 'system:node:'");
  expect(check({ dnsNames: ["a"] })).toContain("DNS");
  expect(check({ ipAddresses: ["10.0.0.1"] })).toContain("IP");
  expect(check({ otherNames: 1 })).toContain("Email and URI");
  expect(check({}, ["client auth"])).toContain("usages did not match");
  expect(check({}, [...clientUsages, "server auth"])).toContain("usages did not match");
});

test("the API client signer wants the purpose and nothing beyond a client's usages", () => {
  const check = (usages: readonly string[]) => refuse(apiClientSigner, { organizations: ["devs"] }, usages);
  expect(check(["client auth"])).toBeUndefined();
  expect(check([...clientUsages, "key encipherment"])).toBeUndefined();
  expect(check(["digital signature"])).toBe("missing required usage for client certificate: client auth");
  expect(check(["client auth", "server auth"])).toBe("invalid usage for client certificate: server auth");
});

test("the API client signer never makes an administrator", () => {
  expect(refuse(apiClientSigner, { organizations: ["devs"] }, clientUsages)).toBeUndefined();
  expect(refuse(apiClientSigner, { organizations: ["system:masters"] }, clientUsages)).toContain(
    "system:masters",
  );
});

test("the kubelet serving signer serves the node itself", () => {
  const usages = ["digital signature", "server auth"];
  const request = { ipAddresses: ["10.0.0.1"] };
  expect(refuse(nodeServingSigner, request, usages, "system:node:a")).toBeUndefined();
  expect(refuse(nodeServingSigner, request, usages, "system:node:b")).toContain("requester must be the node");
  expect(refuse(nodeServingSigner, {}, usages, "system:node:a")).toContain("subjectAltName is required");
});
