/** CertificateSigningRequests and what may be written through each of their paths. */
import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type {
  V1CertificateSigningRequest,
  V1CertificateSigningRequestCondition,
} from "../../../supervisor/api/generated/types.ts";
import { openssl } from "../../framework/openssl.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";
import { expectDiscovered } from "../support/discovery.ts";
import { checkOperations } from "../support/operations.ts";

const resource = "certificatesigningrequests";
const cluster = useCluster();

/** A request and a certificate of its own making for the same name, in base64 of PEM. */
function makeCertificates(): { readonly request: string; readonly certificate: string } {
  const [key, requestFile, certificateFile] = ["key", "request", "certificate"].map((name) =>
    join(cluster.folder, `${name}.pem`),
  ) as [string, string, string]; // as many as there are names
  const subject = ["-subj", "/CN=test.example.com", "-addext", "subjectAltName=DNS:test.example.com"];
  openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, ...subject, "-out", requestFile);
  openssl("req", "-new", "-x509", "-key", key, ...subject, "-days", "1", "-out", certificateFile);
  return {
    request: readFileSync(requestFile).toString("base64"),
    certificate: readFileSync(certificateFile).toString("base64"),
  };
}

function condition(type: string): V1CertificateSigningRequestCondition {
  return { type, status: "True", reason: "Test", message: "Set by a test" };
}

conformanceTest(
  "[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations [Conformance]",
  async () => {
    const { api } = cluster;
    await expectDiscovered(api, {
      group: "certificates.k8s.io",
      version: "v1",
      resources: [resource, `${resource}/approval`, `${resource}/status`],
    });
    const { request, certificate } = makeCertificates();
    const objects = new Collection<V1CertificateSigningRequest>(
      api,
      `/apis/certificates.k8s.io/v1/${resource}`,
    );
    const spec = {
      request,
      signerName: "example.com/test",
      expirationSeconds: 3600,
      usages: ["digital signature", "key encipherment", "server auth"],
    };
    const typesOf = (object: V1CertificateSigningRequest): string[] =>
      (object.status?.conditions ?? []).map(({ type }) => type);
    const checkApproval = async (name: string): Promise<void> => {
      const read = await objects.get(name, "approval");
      expect(read).toMatchObject({ kind: "CertificateSigningRequest", spec: { expirationSeconds: 3600 } });
      const patch = {
        metadata: { annotations: { patchedapproval: "true" } },
        status: { conditions: [condition("Patched")] },
      };
      const patched = await objects.patch(name, patch, { subresource: "approval" });
      expect(typesOf(patched)).toEqual(["Patched"]);
      expect(patched.metadata?.annotations).toMatchObject({ patchedapproval: "true" });
      const approved = await objects.update(
        name,
        (object) => ({
          ...object,
          status: { conditions: [...(object.status?.conditions ?? []), condition("Approved")] },
        }),
        "approval",
      );
      expect(typesOf(approved)).toEqual(["Patched", "Approved"]);
    };
    const checkStatus = async (name: string): Promise<void> => {
      const read = await objects.get(name, "status");
      expect(read.kind).toBe("CertificateSigningRequest");
      const patch = { metadata: { annotations: { patchedstatus: "true" } }, status: { certificate } };
      const patched = await objects.patch(name, patch, { subresource: "status" });
      expect(patched.status?.certificate).toBe(certificate);
      expect(patched.metadata?.annotations).toMatchObject({ patchedstatus: "true" });
      const updated = await objects.update(
        name,
        (object) => ({
          ...object,
          status: {
            ...object.status,
            conditions: [...(object.status?.conditions ?? []), condition("StatusUpdate")],
          },
        }),
        "status",
      );
      expect(typesOf(updated)).toEqual(["Patched", "Approved", "StatusUpdate"]);
      expect((await objects.get(name)).status).toEqual(updated.status ?? {});
    };
    await checkOperations({
      objects,
      label: "requests",
      fieldSelector: "spec.signerName=example.com/test",
      make: () => ({ metadata: { generateName: "test-" }, spec }),
      further: async (name) => {
        await checkApproval(name);
        await checkStatus(name);
      },
    });
  },
);
