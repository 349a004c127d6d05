/** The extensions of our certificates (RFC 5280, 4.2.1). */
import { createHash } from "node:crypto";
import { encodeAlternativeNames } from "./alternative-names.ts";
import { bitString, contextTag, encode, oid, sequence, tags } from "./der.ts";
import { bitStringBytes, DerReader } from "./der-reader.ts";

export type CertificateUse = "client" | "server";

const yes = encode(tags.boolean, Buffer.from([0xff]));
const noPath = encode(tags.integer, Buffer.from([0]));
const digitalSignature = bitString(Buffer.from([0x80]), 7);
const digitalSignatureAndSigning = bitString(Buffer.from([0x86]), 1);
const useOids: Readonly<Record<CertificateUse, string>> = {
  client: "1.3.6.1.5.5.7.3.2",
  server: "1.3.6.1.5.5.7.3.1",
};

function extension(type: string, isCritical: boolean, value: Uint8Array): Buffer {
  return sequence(oid(type), ...(isCritical ? [yes] : []), encode(tags.octetString, value));
}

/** The extensions of an authority that signs no other authorities. */
export function authorityExtensions(keyInfo: Buffer): Buffer {
  return sequence(
    extension("2.5.29.19", true, sequence(yes, noPath)),
    extension("2.5.29.15", true, digitalSignatureAndSigning),
    extension("2.5.29.14", false, encode(tags.octetString, keyIdentifier(keyInfo))),
  );
}

export interface LeafExtensions {
  readonly uses: readonly CertificateUse[];
  /** DNS names and IP addresses. */
  readonly alternativeNames: readonly string[];
  readonly authorityKeyInfo: Buffer;
}

export function leafExtensions({ uses, alternativeNames, authorityKeyInfo }: LeafExtensions): Buffer {
  const authorityKey = encode(contextTag(0, "primitive"), keyIdentifier(authorityKeyInfo));
  const extensions = [
    extension("2.5.29.19", true, sequence()),
    extension("2.5.29.15", true, digitalSignature),
    extension("2.5.29.37", false, sequence(...uses.map((use) => oid(useOids[use])))),
    extension("2.5.29.35", false, sequence(authorityKey)),
  ];
  if (alternativeNames.length > 0) {
    extensions.push(extension("2.5.29.17", false, encodeAlternativeNames(alternativeNames)));
  }
  return sequence(...extensions);
}

/** The SHA-1 of the key's bits, by which chains are built; not a matter of security (RFC 5280, 4.2.1.2). */
function keyIdentifier(keyInfo: Buffer): Buffer {
  const parts = new DerReader(DerReader.only(keyInfo, tags.sequence).content);
  parts.read(tags.sequence);
  const bits = bitStringBytes(parts.read(tags.bitString).content);
  return createHash("sha1").update(bits).digest();
}
