import { expect, test } from "bun:test";
import type { V1CertificateSigningRequestStatus } from "../../generated/types.ts";
import {
  type RequestUpdateRights,
  validateCertificateSigningRequest,
  validateCertificateSigningRequestUpdate,
} from "./certificate-signing-request-validation.ts";

const spec = { request: "", signerName: "example.com/test" };
const approved = { type: "Approved", status: "True" };
const certificate = btoa("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n");

function complaints(
  status: V1CertificateSigningRequestStatus,
  old: V1CertificateSigningRequestStatus,
  rights: RequestUpdateRights = {},
): string[] {
  const errors = validateCertificateSigningRequestUpdate({ spec, status }, { spec, status: old }, rights);
  return errors.map(({ field, body }) => `${field}: ${body}`);
}

test("a verdict comes by the approval alone and stays, other conditions come and go", () => {
  const other = { type: "Other", status: "Unknown" };
  expect(complaints({ conditions: [approved] }, { conditions: [other] }, { mayDecide: true })).toEqual([]);
  expect(complaints({ conditions: [approved] }, {}, { mayIssue: true })).toEqual([
    'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
  ]);
  expect(complaints({}, { conditions: [approved] }, { mayDecide: true })).toEqual([
    'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
  ]);
  expect(complaints({ conditions: [{ type: "Failed", status: "False" }] }, {}, { mayIssue: true })).toEqual([
    'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
  ]);
});

test("a certificate is issued once, by the status alone, and is one", () => {
  expect(complaints({ certificate }, {}, { mayIssue: true })).toEqual([]);
  expect(complaints({ certificate }, { certificate })).toEqual([]);
  expect(complaints({ certificate }, {}, { mayDecide: true })).toEqual([
    "status.certificate: Forbidden: updates may not set certificate content",
  ]);
  expect(complaints({}, { certificate }, { mayIssue: true })).toEqual([
    "status.certificate: Forbidden: updates may not modify existing certificate content",
  ]);
  expect(complaints({ certificate: btoa("text") }, {}, { mayIssue: true })).toEqual([
    'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
  ]);
  const key = btoa("-----BEGIN RSA PRIVATE KEY-----\nAA==\n-----END RSA PRIVATE KEY-----\n");
  expect(complaints({ certificate: key }, {}, { mayIssue: true })).toEqual([
    'status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "RSA PRIVATE KEY"',
  ]);
});

test.each<[signerName: string, problems: readonly string[]]>([
  ["example.com/a.b", []],
  ["", ["Required value"]],
  [
    "example.com",
    [
      "Invalid value: \"example.com\": must be a fully qualified domain and path of the form 'example.com/signer-name'",
    ],
  ],
  ["com/a", ['Invalid value: "com": should be a domain with at least two segments separated by dots']],
  [
    "a.B.c/x_y",
    [
      expect.stringContaining('Invalid value: "a.B.c": validating label "B": a lowercase RFC 1123 label'),
      expect.stringContaining('Invalid value: "x_y": validating label "x_y": a lowercase RFC 1123 subdomain'),
    ],
  ],
])("a signer called %j", (signerName, problems) => {
  const errors = validateCertificateSigningRequest({ spec: { request: "", signerName } });
  const own = errors.filter(({ field }) => field === "spec.signerName");
  expect(own.map(({ body }) => body)).toEqual(problems as string[]);
});
