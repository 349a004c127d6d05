import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { StorageFailureError } from "../backend.ts";

/** A key by which values are encrypted. */
export interface EncryptionKey {
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Buffer;
}

/** What every encrypted value begins with; the key's id and the bytes in base64 follow. */
const mark = "enc:aesgcm:v1:";
const seedBytes = 24;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM (NIST SP 800-38D) with a key of its own for each value, derived by HKDF-SHA256 (RFC 5869) from the
 * encryption key and 24 random bytes: however often one key is used, no nonce meets twice. The storage key is
 * authenticated with the value, so that none can be put in another's place.
 */
export class ValueCipher {
  readonly #current: EncryptionKey;
  readonly #keys: ReadonlyMap<string, EncryptionKey>;

  /** The first key encrypts, all decrypt. */
  constructor(keys: readonly [EncryptionKey, ...EncryptionKey[]]) {
    this.#current = keys[0];
    this.#keys = new Map(keys.map((key) => [key.id, key]));
  }

  encrypt(storageKey: string, value: string): string {
    const { id, secret } = this.#current;
    const seed = randomBytes(seedBytes);
    const { key, nonce } = derive(secret, seed);
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(storageKey));
    const sealed = Buffer.concat([seed, cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `${mark}${id}:${sealed.toString("base64")}`;
  }

  /** Throws a {@link StorageFailureError} where the key is not there, or the value is not what was stored. */
  decrypt(storageKey: string, value: string): string {
    const id = keyIdOf(value);
    if (id === undefined) return value;
    const key = this.#keys.get(id);
    if (key === undefined) {
      throw new StorageFailureError(
        `${storageKey} is encrypted with the key ${JSON.stringify(id)}, which is not among the encryption keys: put the file of keys back that belongs to this data directory`,
      );
    }
    const sealed = Buffer.from(value.slice(mark.length + id.length + 1), "base64");
    try {
      return open(storageKey, key.secret, sealed);
    } catch (error) {
      throw new StorageFailureError(`${storageKey} cannot be decrypted: its stored value was changed`, {
        cause: error,
      });
    }
  }

  /** Whether a stored value is encrypted with the newest key. */
  isCurrent(value: string): boolean {
    return keyIdOf(value) === this.#current.id;
  }
}

/** The id of the key that a stored value is encrypted with; undefined for a plain one. */
function keyIdOf(value: string): string | undefined {
  if (!value.startsWith(mark)) return undefined;
  return value.slice(mark.length, value.indexOf(":", mark.length));
}

function open(storageKey: string, secret: Buffer, sealed: Buffer): string {
  const { key, nonce } = derive(secret, sealed.subarray(0, seedBytes));
  const decipher = createDecipheriv("aes-256-gcm", key, nonce)
    .setAAD(Buffer.from(storageKey))
    .setAuthTag(sealed.subarray(-tagBytes));
  const text = decipher.update(sealed.subarray(seedBytes, -tagBytes));
  return Buffer.concat([text, decipher.final()]).toString("utf8");
}

function derive(secret: Buffer, seed: Buffer): { readonly key: Buffer; readonly nonce: Buffer } {
  const bytes = Buffer.from(hkdfSync("sha256", secret, seed, "pacific secrets", 32 + nonceBytes));
  return { key: bytes.subarray(0, 32), nonce: bytes.subarray(32) };
}
