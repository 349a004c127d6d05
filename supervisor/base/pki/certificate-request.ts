import { hashSpki, importKeyPair } from "./keys.ts";
import { loadX509, signingAlgorithm } from "./x509.ts";

/** Requests are small; a longer one is refused unread. */
const maxRequestLength = 16 * 1024;

export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** How many alternative names of other kinds it has: mail addresses, URIs, …. */
  readonly otherNames: number;
  readonly publicKeyPem: string;
  /** The SHA-256 of the public key's SubjectPublicKeyInfo, in hex. */
  readonly publicKeyHash: string;
}

/** Writes a PKCS #10 request in PEM, signed by the key that it is for. */
export async function createCertificateRequest(
  keyPem: string,
  subject: { readonly commonName: string; readonly organizations: readonly string[] },
): Promise<string> {
  const x509 = await loadX509();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ O: [...subject.organizations] }, { CN: [subject.commonName] }],
    keys: await importKeyPair(keyPem),
    signingAlgorithm,
  });
  return `${request.toString("pem")}\n`;
}

/** Reads a PKCS #10 request in PEM and checks its signature. Throws an error that says what is wrong with it. */
export async function readCertificateRequest(pem: string): Promise<CertificateRequest> {
  if (pem.length > maxRequestLength) throw new Error(`The request is longer than ${maxRequestLength} bytes`);
  const match =
    /^\s*-----BEGIN CERTIFICATE REQUEST-----\s([\s\S]*?)-----END CERTIFICATE REQUEST-----\s*$/.exec(pem);
  if (match === null) throw new Error("PEM block type must be CERTIFICATE REQUEST");
  const x509 = await loadX509();
  const request = new x509.Pkcs10CertificateRequest(Buffer.from(match[1] ?? "", "base64"));
  if (!(await request.verify())) throw new Error("The request's signature is not by its own key");
  const names = request.extensions
    .filter((extension) => extension instanceof x509.SubjectAlternativeNameExtension)
    .flatMap((extension) => extension.names.items);
  const dnsNames = names.filter((name) => name.type === "dns").map((name) => name.value);
  const ipAddresses = names.filter((name) => name.type === "ip").map((name) => name.value);
  const [commonName = ""] = request.subjectName.getField("CN");
  const publicKey = Buffer.from(request.publicKey.rawData);
  return {
    commonName,
    organizations: request.subjectName.getField("O"),
    dnsNames,
    ipAddresses,
    otherNames: names.length - dnsNames.length - ipAddresses.length,
    publicKeyPem: request.publicKey.toString("pem"),
    publicKeyHash: hashSpki(publicKey),
  };
}
