import { writeFileSync } from "node:fs";
import { CertificateAuthority } from "../../../supervisor/base/pki/certificate-authority.ts";
import { renderKubeconfig } from "../../../supervisor/client/kubeconfig.ts";

/** What a bare server shows to its clients, in PEM. */
export interface BareIdentity {
  readonly cert: string;
  readonly key: string;
  readonly caPem: string;
}

export async function makeIdentity(): Promise<BareIdentity> {
  const nowMs = Date.now();
  const authority = await CertificateAuthority.create("bare", nowMs);
  const { certificatePem, keyPem } = await authority.issue({
    subject: { commonName: "bare-server" },
    uses: ["server", "client"],
    alternativeNames: ["127.0.0.1"],
    nowMs,
  });
  return { cert: certificatePem, key: keyPem, caPem: authority.certificatePem };
}

/** Tells clients where the server is; to be called when it listens. */
export function writeKubeconfig(path: string, port: number, { cert, key, caPem }: BareIdentity): void {
  const certificate = { certificatePem: cert, keyPem: key };
  const text = renderKubeconfig({ server: `https://127.0.0.1:${port}`, caPem, ...certificate, name: "bare" });
  writeFileSync(path, text, { mode: 0o600 });
}
