/** The keys of ServiceAccount tokens: JSON Web Tokens by RS256 or ES256 (kubernetes `pkg/serviceaccount/jwt.go`). */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

/** What a token says; every value is checked where it is used. */
export type Claims = Readonly<Record<string, unknown>>;

export interface VerifyingKey {
  readonly id: string;
  readonly algorithm: string;
  readonly key: KeyObject;
}

export interface TokenKeyOptions {
  /** The private key, PEM: RSA or EC P-256. */
  readonly signingKeyPem: string;
  /** Public keys of earlier times, PEM, whose tokens still count. */
  readonly formerKeyPems?: readonly string[];
}

function encodePart(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decodePart(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The claims of a token whoever signed it; undefined for what is no token. */
export function unverifiedClaims(token: string): Claims | undefined {
  const [, payload, signature, ...rest] = token.split(".");
  if (payload === undefined || signature === undefined || rest.length > 0) return undefined;
  return decodePart(payload);
}

/** How a token says that it is signed; undefined for what is no token. */
export function tokenAlgorithm(token: string): unknown {
  return decodePart(token.split(".", 1)[0] ?? "")?.alg;
}

function verifyingKey(key: KeyObject): VerifyingKey {
  const der = key.export({ type: "spki", format: "der" });
  const id = createHash("sha256").update(der).digest("base64url");
  return { id, key, algorithm: key.asymmetricKeyType === "rsa" ? "RS256" : "ES256" };
}

/** How the signatures of JSON Web Tokens are laid out: for EC the two numbers, one after the other. */
function withLayout(key: KeyObject): { key: KeyObject; dsaEncoding: "ieee-p1363" } {
  return { key, dsaEncoding: "ieee-p1363" };
}

/** The claims of a token that one of the keys has signed; undefined for others. */
export function verifyToken(token: string, keys: readonly VerifyingKey[]): Claims | undefined {
  const [head = "", payload = "", signature = ""] = token.split(".");
  const header = decodePart(head);
  if (header === undefined) return undefined;
  const signed = Buffer.from(`${head}.${payload}`);
  const bytes = Buffer.from(signature, "base64url");
  const isBy = ({ id, algorithm, key }: VerifyingKey) =>
    header.alg === algorithm &&
    (header.kid === undefined || header.kid === id) &&
    verify("sha256", signed, withLayout(key), bytes);
  return keys.some(isBy) ? decodePart(payload) : undefined;
}

/** A key of a JSON Web Key Set; undefined for one that signs nothing that we know. */
export function keyOfSet(jwk: Claims): VerifyingKey | undefined {
  const algorithm = jwk.kty === "RSA" ? "RS256" : jwk.crv === "P-256" ? "ES256" : undefined;
  if (algorithm === undefined || (jwk.alg !== undefined && jwk.alg !== algorithm)) return undefined;
  const key = createPublicKey({ key: { ...jwk }, format: "jwk" });
  return { id: typeof jwk.kid === "string" ? jwk.kid : "", algorithm, key };
}

export class TokenKeys {
  readonly #signing: KeyObject;
  readonly #current: VerifyingKey;
  readonly #keys: readonly VerifyingKey[];

  constructor({ signingKeyPem, formerKeyPems = [] }: TokenKeyOptions) {
    this.#signing = createPrivateKey(signingKeyPem);
    this.#current = verifyingKey(createPublicKey(this.#signing));
    const former = formerKeyPems.map((pem) => verifyingKey(createPublicKey(pem)));
    this.#keys = [this.#current, ...former.filter(({ id }) => id !== this.#current.id)];
  }

  sign(claims: Claims): string {
    const { algorithm, id } = this.#current;
    const signed = `${encodePart({ alg: algorithm, kid: id })}.${encodePart(claims)}`;
    const signature = sign("sha256", Buffer.from(signed), withLayout(this.#signing));
    return `${signed}.${signature.toString("base64url")}`;
  }

  /** The claims of a token that one of the keys has signed; undefined for others. */
  verify(token: string): Claims | undefined {
    return verifyToken(token, this.#keys);
  }

  /** The algorithms in use, for the discovery document. */
  get algorithms(): readonly string[] {
    return Array.from(new Set(this.#keys.map(({ algorithm }) => algorithm)));
  }

  /** The public keys as a JSON Web Key Set. */
  keySet(): object {
    const keys = this.#keys.map(({ id, algorithm, key }) => ({
      use: "sig",
      kid: id,
      alg: algorithm,
      ...key.export({ format: "jwk" }),
    }));
    return { keys };
  }
}
