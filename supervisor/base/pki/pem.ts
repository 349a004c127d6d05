/** Writes DER as a block of PEM (RFC 7468). */
export function toPem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString("base64")
    .replace(/(.{64})(?=.)/g, "$1\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** The DER in a text that is one block of PEM with this label; undefined for any other text. */
export function fromPem(label: string, pem: string): Buffer | undefined {
  const match = /^\s*-----BEGIN ([A-Z0-9 ]+)-----\s([A-Za-z0-9+/=\s]*?)-----END ([A-Z0-9 ]+)-----\s*$/.exec(
    pem,
  );
  if (match === null || match[1] !== label || match[3] !== label) return undefined;
  return Buffer.from(match[2] ?? "", "base64");
}
