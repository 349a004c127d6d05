import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from "node:crypto";

/** Makes an EC P-256 private key, as PKCS #8 in PEM. */
export function generateKeyPem(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** A public key as a SubjectPublicKeyInfo in DER; of a private key in PEM, the public half. */
export function publicKeyInfo(key: string | KeyObject): Buffer {
  const publicKey = typeof key === "string" ? createPublicKey(key) : key;
  return publicKey.export({ type: "spki", format: "der" });
}

/** The SHA-256 of a certificate's public key (its SubjectPublicKeyInfo in DER), in hex: what a join token pins. */
export function certificateKeyHash(certificatePem: string): string {
  return hashKeyInfo(publicKeyInfo(new X509Certificate(certificatePem).publicKey));
}

/** The same hash of the public half of a private key. */
export function privateKeyHash(keyPem: string): string {
  return hashKeyInfo(publicKeyInfo(keyPem));
}

export function hashKeyInfo(der: Uint8Array): string {
  return createHash("sha256").update(der).digest("hex");
}
