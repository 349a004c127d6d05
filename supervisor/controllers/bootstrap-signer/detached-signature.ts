import { createHmac } from "node:crypto";

/** Who knows the token sees by this that the text comes from one who knows it too (RFC 7515, appendix F, HS256). */
export function detachedSignature(text: string, tokenId: string, tokenSecret: string): string {
  const header = Buffer.from(JSON.stringify({ alg: "HS256", kid: tokenId })).toString("base64url");
  const payload = Buffer.from(text).toString("base64url");
  const signature = createHmac("sha256", tokenSecret).update(`${header}.${payload}`).digest("base64url");
  return `${header}..${signature}`;
}
