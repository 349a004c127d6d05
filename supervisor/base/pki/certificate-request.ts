import { constants, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { messageOf } from "../errors.ts";
import {
  type AlternativeNames,
  decodeAlternativeNames,
  encodeAlternativeNames,
} from "./alternative-names.ts";
import { bitString, contextTag, encode, oid, sequence, tags } from "./der.ts";
import { bitStringBytes, DerReader, oidText } from "./der-reader.ts";
import { type DistinguishedName, decodeName, encodeName } from "./distinguished-name.ts";
import { hashKeyInfo, publicKeyInfo } from "./keys.ts";
import { fromPem, toPem } from "./pem.ts";

/** Requests are small; a longer one is refused unread. */
const maxRequestLength = 16 * 1024;
const label = "CERTIFICATE REQUEST";
const attributesTag = contextTag(0, "constructed");
const extensionRequestOid = "1.2.840.113549.1.9.14";
const alternativeNamesOid = "2.5.29.17";
const ecdsaWithSha256 = "1.2.840.10045.4.3.2";
const rsaPss = "1.2.840.113549.1.1.10";

/** The hash of each signature algorithm that is known; Ed25519 has none. */
const hashes: ReadonlyMap<string, string | null> = new Map([
  [ecdsaWithSha256, "sha256"],
  ["1.2.840.10045.4.3.3", "sha384"],
  ["1.2.840.10045.4.3.4", "sha512"],
  ["1.2.840.113549.1.1.11", "sha256"],
  ["1.2.840.113549.1.1.12", "sha384"],
  ["1.2.840.113549.1.1.13", "sha512"],
  ["1.3.101.112", null],
]);

export interface CertificateRequest extends Required<DistinguishedName>, AlternativeNames {
  /** The whole subject as it stood, in DER. */
  readonly subject: Buffer;
  /** The SubjectPublicKeyInfo in DER. */
  readonly keyInfo: Buffer;
  /** Its SHA-256, in hex. */
  readonly publicKeyHash: string;
}

/**
 * Writes a PKCS #10 request (RFC 2986) in PEM, signed by the key that it is for. `alternativeNames` are the DNS names and IP
 * addresses that the certificate is to be for.
 */
export function createCertificateRequest(
  keyPem: string,
  subject: DistinguishedName,
  alternativeNames: readonly string[] = [],
): string {
  const version = encode(tags.integer, Buffer.from([0]));
  const attributes = encode(attributesTag, ...writeAttributes(alternativeNames));
  const signed = sequence(version, encodeName(subject), publicKeyInfo(keyPem), attributes);
  const signature = bitString(sign("sha256", signed, keyPem));
  return toPem(label, sequence(signed, sequence(oid(ecdsaWithSha256)), signature));
}

/** Hashes that only the check of what is stored knows: of SHA-1, and those that RSASSA-PSS names in its parameters. */
const otherHashes: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.1.1.5", "sha1"],
  ["1.2.840.10045.4.1", "sha1"],
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
]);

/**
 * What is wrong with a PKCS #10 request in PEM, in Go's words where it has some; undefined for one that anybody might sign. Less
 * strict than {@link readCertificateRequest}: its subject, attributes and length may be any, and there may be text around it.
 */
export function certificateRequestComplaint(text: string): string | undefined {
  const [, type, base64 = ""] = /-----BEGIN ([^\n]+?)-----\s([\s\S]*?)-----END \1-----/.exec(text) ?? [];
  if (type !== label) return `PEM block type must be ${label}`;
  try {
    const request = new DerReader(DerReader.only(Buffer.from(base64, "base64"), tags.sequence).content);
    const signed = request.read(tags.sequence);
    const algorithm = request.enter();
    const name = oidText(algorithm.read(tags.oid).content);
    const signature = bitStringBytes(request.read(tags.bitString).content);
    request.expectEnd();
    const fields = new DerReader(signed.content);
    fields.read(tags.integer);
    fields.read(tags.sequence);
    const key = readKey(fields.read(tags.sequence).whole);
    return signatureComplaint(key, name, algorithm, signed.whole, signature);
  } catch (error) {
    return messageOf(error);
  }
}

function signatureComplaint(
  key: KeyObject,
  algorithm: string,
  parameters: DerReader,
  signed: Buffer,
  signature: Buffer,
): string | undefined {
  const isPss = algorithm === rsaPss;
  const name = isPss
    ? oidText(parameters.enter().enter(attributesTag).enter().read(tags.oid).content)
    : algorithm;
  const hash = hashes.has(name) ? hashes.get(name) : otherHashes.get(name);
  if (hash === undefined) return "x509: cannot verify signature: algorithm unimplemented";
  const padding = isPss ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {};
  let isRight = false;
  try {
    isRight = verify(hash, signed, { key, ...padding }, signature);
  } catch {
    // A signature that is none, or an algorithm of another kind of key.
  }
  if (isRight) return undefined;
  if (key.asymmetricKeyType === "rsa") return "crypto/rsa: verification error";
  return `x509: ${key.asymmetricKeyType === "ed25519" ? "Ed25519" : "ECDSA"} verification failure`;
}

/** Reads a PKCS #10 request in PEM and checks its signature. Throws an error that says what is wrong with it. */
export function readCertificateRequest(pem: string): CertificateRequest {
  if (pem.length > maxRequestLength) throw new Error(`The request is longer than ${maxRequestLength} bytes`);
  const der = fromPem(label, pem);
  if (der === undefined) throw new Error(`PEM block type must be ${label}`);
  const request = new DerReader(DerReader.only(der, tags.sequence).content);
  const signed = request.read(tags.sequence);
  const algorithm = oidText(request.enter().read(tags.oid).content);
  const signature = bitStringBytes(request.read(tags.bitString).content);
  request.expectEnd();
  const fields = new DerReader(signed.content);
  fields.read(tags.integer);
  const subject = fields.read(tags.sequence);
  const keyInfo = fields.read(tags.sequence).whole;
  const names = readAttributes(fields);
  checkSignature(readKey(keyInfo), algorithm, signed.whole, signature);
  const { commonName, organizations } = decodeName(new DerReader(subject.content));
  const publicKeyHash = hashKeyInfo(keyInfo);
  return { commonName, organizations, ...names, subject: subject.whole, keyInfo, publicKeyHash };
}

function readKey(keyInfo: Buffer): KeyObject {
  try {
    return createPublicKey({ key: keyInfo, format: "der", type: "spki" });
  } catch (error) {
    throw new Error("The request's public key cannot be read", { cause: error });
  }
}

function checkSignature(key: KeyObject, algorithm: string, signed: Buffer, signature: Buffer): void {
  const hash = hashes.get(algorithm);
  if (hash === undefined) throw new Error(`The request's signature algorithm ${algorithm} is not known`);
  let isRight = false;
  try {
    isRight = verify(hash, signed, key, signature);
  } catch {
    // A signature that is none, or an algorithm of another kind of key.
  }
  if (!isRight) throw new Error("The request's signature is not by its own key");
}

function writeAttributes(alternativeNames: readonly string[]): Buffer[] {
  if (alternativeNames.length === 0) return [];
  const value = encode(tags.octetString, encodeAlternativeNames(alternativeNames));
  const extensions = sequence(sequence(oid(alternativeNamesOid), value));
  return [sequence(oid(extensionRequestOid), encode(tags.set, extensions))];
}

/** The alternative names that a request's attributes ask for; other attributes and extensions are passed over. */
function readAttributes(fields: DerReader): AlternativeNames {
  let names: AlternativeNames = { dnsNames: [], ipAddresses: [], otherNames: 0 };
  if (fields.atEnd) return names;
  const attributes = fields.enter(attributesTag);
  fields.expectEnd();
  while (!attributes.atEnd) {
    const attribute = attributes.enter();
    if (oidText(attribute.read(tags.oid).content) !== extensionRequestOid) continue;
    const extensions = attribute.enter(tags.set).enter();
    while (!extensions.atEnd) {
      const extension = extensions.enter();
      if (oidText(extension.read(tags.oid).content) !== alternativeNamesOid) continue;
      let value = extension.read();
      if (value.tag === tags.boolean) value = extension.read();
      names = decodeAlternativeNames(new DerReader(DerReader.only(value.content, tags.sequence).content));
    }
  }
  return names;
}
