import { encode, oid, sequence, tags, utf8String } from "./der.ts";
import { type DerReader, oidText } from "./der-reader.ts";

export interface DistinguishedName {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

const organizationOid = "2.5.4.10";
const commonNameOid = "2.5.4.3";

/** Writes a subject: organizations, then the common name (RFC 5280, 4.1.2.4). */
export function encodeName({ commonName, organizations = [] }: DistinguishedName): Buffer {
  const attribute = (type: string, value: string): Buffer =>
    encode(tags.set, sequence(oid(type), utf8String(value)));
  const names = organizations.map((value) => attribute(organizationOid, value));
  return sequence(...names, attribute(commonNameOid, commonName));
}

/** Reads a subject's organizations and its common name. Throws for more than one common name, which would be whose? */
export function decodeName(names: DerReader): Required<DistinguishedName> {
  const organizations: string[] = [];
  const commonNames: string[] = [];
  while (!names.atEnd) {
    const group = names.enter(tags.set);
    while (!group.atEnd) {
      const attribute = group.enter();
      const type = oidText(attribute.read(tags.oid).content);
      if (type === organizationOid) organizations.push(decodeText(attribute));
      else if (type === commonNameOid) commonNames.push(decodeText(attribute));
      else attribute.read();
      attribute.expectEnd();
    }
  }
  const [commonName = ""] = commonNames;
  if (commonNames.length > 1) throw new Error("The subject has more than one common name");
  return { commonName, organizations };
}

function decodeText(reader: DerReader): string {
  const { tag, content } = reader.read();
  if (tag === tags.utf8String) return new TextDecoder("utf-8", { fatal: true }).decode(content);
  if (tag === tags.printableString || tag === tags.ia5String) return content.toString("latin1");
  throw new Error(`Bad DER: text of tag 0x${tag.toString(16)} in a name`);
}
