import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  X509Certificate,
} from "node:crypto";
import { signingAlgorithm } from "./x509.ts";

/** Makes an EC P-256 private key, as PKCS #8 in PEM. */
export function generateKeyPem(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** The pair of Web Crypto keys of a private key in PEM. */
export async function importKeyPair(keyPem: string): Promise<CryptoKeyPair> {
  const pkcs8 = createPrivateKey(keyPem).export({ type: "pkcs8", format: "der" });
  const spki = createPublicKey(keyPem).export({ type: "spki", format: "der" });
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey("pkcs8", new Uint8Array(pkcs8), signingAlgorithm, true, ["sign"]),
    crypto.subtle.importKey("spki", new Uint8Array(spki), signingAlgorithm, true, ["verify"]),
  ]);
  return { privateKey, publicKey };
}

/** The SHA-256 of a certificate's public key (its SubjectPublicKeyInfo in DER), in hex: what a join token pins. */
export function certificateKeyHash(certificatePem: string): string {
  return hashSpki(new X509Certificate(certificatePem).publicKey.export({ type: "spki", format: "der" }));
}

/** The same hash of the public half of a private key. */
export function privateKeyHash(keyPem: string): string {
  return hashSpki(createPublicKey(keyPem).export({ type: "spki", format: "der" }));
}

export function hashSpki(der: Uint8Array): string {
  return createHash("sha256").update(der).digest("hex");
}
