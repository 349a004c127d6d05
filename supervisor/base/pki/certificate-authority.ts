import { createPublicKey } from "node:crypto";
import { isIP } from "node:net";
import type { Extension } from "@peculiar/x509";
import { certificateLife } from "./certificate-life.ts";
import { certificateKeyHash, generateKeyPem, importKeyPair } from "./keys.ts";
import { loadX509, signingAlgorithm, type X509 } from "./x509.ts";

const dayMs = 24 * 3600 * 1000;
/** Clocks of hosts may lag behind the supervisor's by this much. */
const backdateMs = 5 * 60 * 1000;
const authorityLifeMs = 3650 * dayMs;

/** How long the certificates that the authority issues hold unless asked otherwise: as with kubeadm and k3s. */
export const leafLifeMs = 365 * dayMs;

export type CertificateUse = "client" | "server";

export interface CertificateSubject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

export interface IssueOptions {
  readonly subject: CertificateSubject;
  /** The SubjectPublicKeyInfo in PEM. */
  readonly publicKeyPem: string;
  readonly uses: readonly CertificateUse[];
  /** DNS names and IP addresses. */
  readonly alternativeNames?: readonly string[];
  readonly nowMs: number;
  readonly lifeMs?: number;
}

export interface Certificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** A certificate authority of ours: EC P-256, SHA-256. */
export class CertificateAuthority {
  readonly certificatePem: string;
  readonly keyPem: string;

  constructor(certificate: Certificate) {
    this.certificatePem = certificate.certificatePem;
    this.keyPem = certificate.keyPem;
  }

  /** Makes a new authority that signs itself. */
  static async create(commonName: string, nowMs: number): Promise<CertificateAuthority> {
    const x509 = await loadX509();
    const keyPem = generateKeyPem();
    const keys = await importKeyPair(keyPem);
    const { keyCertSign, cRLSign, digitalSignature } = x509.KeyUsageFlags;
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [commonName] }],
      keys,
      signingAlgorithm,
      serialNumber: randomSerial(),
      notBefore: new Date(nowMs - backdateMs),
      notAfter: new Date(nowMs + authorityLifeMs),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(keyCertSign | cRLSign | digitalSignature, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new CertificateAuthority({ certificatePem: pemText(certificate.toString("pem")), keyPem });
  }

  /** The SHA-256 of the authority's public key, in hex. */
  get publicKeyHash(): string {
    return certificateKeyHash(this.certificatePem);
  }

  /** Signs a certificate for a public key; returns it in PEM. It never outlives the authority. */
  async sign(options: IssueOptions): Promise<string> {
    const x509 = await loadX509();
    const { commonName, organizations = [] } = options.subject;
    const signingKey = (await importKeyPair(this.keyPem)).privateKey;
    const issuer = new x509.X509Certificate(this.certificatePem);
    const endMs = options.nowMs + (options.lifeMs ?? leafLifeMs);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [...(organizations.length === 0 ? [] : [{ O: [...organizations] }]), { CN: [commonName] }],
      issuer: issuer.subjectName,
      publicKey: new x509.PublicKey(options.publicKeyPem),
      signingKey,
      signingAlgorithm,
      serialNumber: randomSerial(),
      notBefore: new Date(options.nowMs - backdateMs),
      notAfter: new Date(Math.min(endMs, certificateLife(this.certificatePem).notAfterMs)),
      extensions: await leafExtensions(x509, options, issuer.publicKey),
    });
    return pemText(certificate.toString("pem"));
  }

  /** Makes a key and a certificate for it. */
  async issue(options: Omit<IssueOptions, "publicKeyPem">): Promise<Certificate> {
    const keyPem = generateKeyPem();
    const publicKeyPem = createPublicKey(keyPem).export({ type: "spki", format: "pem" }).toString();
    return { certificatePem: await this.sign({ ...options, publicKeyPem }), keyPem };
  }
}

async function leafExtensions(
  x509: X509,
  options: IssueOptions,
  issuerKey: InstanceType<X509["PublicKey"]>,
): Promise<Extension[]> {
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  const extensions: Extension[] = [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(
      options.uses.map((use) => (use === "client" ? clientAuth : serverAuth)),
    ),
    await x509.AuthorityKeyIdentifierExtension.create(issuerKey),
  ];
  const names = options.alternativeNames ?? [];
  if (names.length > 0) {
    extensions.push(
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
      ),
    );
  }
  return extensions;
}

/** 16 random bytes, positive and not zero (RFC 5280, 4.1.2.2). */
function randomSerial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

function pemText(pem: string): string {
  return pem.endsWith("\n") ? pem : `${pem}\n`;
}
