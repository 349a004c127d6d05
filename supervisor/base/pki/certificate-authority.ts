import { randomBytes, sign, X509Certificate } from "node:crypto";
import { certificateLife } from "./certificate-life.ts";
import { bitString, contextTag, encode, oid, sequence, tags, time } from "./der.ts";
import { DerReader } from "./der-reader.ts";
import { type DistinguishedName, encodeName } from "./distinguished-name.ts";
import { authorityExtensions, type CertificateUse, leafExtensions } from "./extensions.ts";
import { certificateKeyHash, generateKeyPem, publicKeyInfo } from "./keys.ts";
import { toPem } from "./pem.ts";

const dayMs = 24 * 3600 * 1000;
/** Clocks of hosts may lag behind the supervisor's by this much. */
const backdateMs = 5 * 60 * 1000;
const authorityLifeMs = 3650 * dayMs;

/** How long the certificates that the authority issues hold unless asked otherwise: as with kubeadm and k3s. */
export const leafLifeMs = 365 * dayMs;

export interface SignOptions {
  /** In DER. */
  readonly subject: Buffer;
  /** The SubjectPublicKeyInfo in DER. */
  readonly keyInfo: Buffer;
  readonly uses: readonly CertificateUse[];
  /** DNS names and IP addresses. */
  readonly alternativeNames?: readonly string[];
  readonly nowMs: number;
  readonly lifeMs?: number;
}

export type IssueOptions = Omit<SignOptions, "subject" | "keyInfo"> & { readonly subject: DistinguishedName };

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
  static create(commonName: string, nowMs: number): CertificateAuthority {
    const keyPem = generateKeyPem();
    const keyInfo = publicKeyInfo(keyPem);
    const name = encodeName({ commonName });
    const certificatePem = signCertificate(keyPem, {
      issuer: name,
      subject: name,
      keyInfo,
      fromMs: nowMs - backdateMs,
      toMs: nowMs + authorityLifeMs,
      extensions: authorityExtensions(keyInfo),
    });
    return new CertificateAuthority({ certificatePem, keyPem });
  }

  /** The SHA-256 of the authority's public key, in hex. */
  get publicKeyHash(): string {
    return certificateKeyHash(this.certificatePem);
  }

  /** Signs a certificate for a public key; returns it in PEM. It never outlives the authority. */
  sign(options: SignOptions): string {
    const { uses, alternativeNames = [], nowMs, lifeMs = leafLifeMs, keyInfo } = options;
    const authorityKeyInfo = publicKeyInfo(this.keyPem);
    return signCertificate(this.keyPem, {
      issuer: subjectOf(this.certificatePem),
      subject: options.subject,
      keyInfo,
      fromMs: nowMs - backdateMs,
      toMs: Math.min(nowMs + lifeMs, certificateLife(this.certificatePem).notAfterMs),
      extensions: leafExtensions({ uses, alternativeNames, authorityKeyInfo }),
    });
  }

  /** Makes a key and a certificate for it. */
  issue(options: IssueOptions): Certificate {
    const keyPem = generateKeyPem();
    const subject = encodeName(options.subject);
    return { certificatePem: this.sign({ ...options, subject, keyInfo: publicKeyInfo(keyPem) }), keyPem };
  }
}

interface CertificateParts {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly keyInfo: Buffer;
  readonly fromMs: number;
  readonly toMs: number;
  readonly extensions: Buffer;
}

const ecdsaWithSha256 = sequence(oid("1.2.840.10045.4.3.2"));
const version3 = encode(contextTag(0, "constructed"), encode(tags.integer, Buffer.from([2])));

/** A version 3 certificate in PEM (RFC 5280, 4.1). */
function signCertificate(keyPem: string, parts: CertificateParts): string {
  const { issuer, subject, keyInfo, fromMs, toMs, extensions } = parts;
  const signed = sequence(
    version3,
    encode(tags.integer, serialNumber()),
    ecdsaWithSha256,
    issuer,
    sequence(time(fromMs), time(toMs)),
    subject,
    keyInfo,
    encode(contextTag(3, "constructed"), extensions),
  );
  const signature = sign("sha256", signed, keyPem);
  return toPem("CERTIFICATE", sequence(signed, ecdsaWithSha256, bitString(signature)));
}

/** 16 random bytes, positive and not zero (RFC 5280, 4.1.2.2). */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

/** A certificate's subject as it stands, so that issuers are the same byte for byte. */
function subjectOf(certificatePem: string): Buffer {
  const certificate = new DerReader(
    DerReader.only(new X509Certificate(certificatePem).raw, tags.sequence).content,
  );
  const fields = certificate.enter();
  fields.read(contextTag(0, "constructed"));
  fields.read(tags.integer);
  for (let count = 0; count < 3; count++) fields.read(tags.sequence);
  return fields.read(tags.sequence).whole;
}
