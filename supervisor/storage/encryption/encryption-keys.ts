import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isFileMissing, messageOf } from "../../base/errors.ts";
import { writeFileAtomic } from "../../base/write-file-atomic.ts";
import type { EncryptionKey } from "./value-cipher.ts";

export interface DatedKey extends EncryptionKey {
  /** When it became the newest, RFC 3339. */
  readonly created: string;
}

/** The keys of a data directory, the newest first. */
export type KeyRing = readonly [DatedKey, ...DatedKey[]];

const secretBytes = 32;
const ownerOnly = 0o600;

/** A new key. */
export function newKey(nowMs: number): DatedKey {
  const id = randomBytes(4).toString("hex");
  return { id, created: new Date(nowMs).toISOString(), secret: randomBytes(secretBytes) };
}

/** Reads the keys, undefined where there is no file. Throws an error that says what is wrong with it. */
export async function readKeys(path: string): Promise<KeyRing | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isFileMissing(error)) return undefined;
    throw error;
  }
  try {
    return parseKeys(text);
  } catch (error) {
    const why = messageOf(error);
    throw new Error(
      `The encryption keys in ${path} cannot be read: ${why}. Put a copy of the file back; without it what is encrypted is lost`,
      { cause: error },
    );
  }
}

function parseKeys(text: string): KeyRing {
  const { keys }: { keys?: unknown } = JSON.parse(text);
  if (!Array.isArray(keys)) throw new Error('expected a list "keys"');
  const [first, ...others] = keys.map(parseKey);
  if (first === undefined) throw new Error("expected at least one key");
  return [first, ...others];
}

function parseKey(value: unknown, index: number): DatedKey {
  const isKey = typeof value === "object" && value !== null;
  const id = isKey && "id" in value ? value.id : undefined;
  const created = isKey && "created" in value ? value.created : undefined;
  const text = isKey && "secret" in value ? value.secret : undefined;
  const secret = Buffer.from(typeof text === "string" ? text : "", "base64");
  if (typeof id !== "string" || !/^[0-9a-f]+$/.test(id) || secret.length !== secretBytes) {
    throw new Error(`key ${index} has no id of hexadecimal digits, or no secret of ${secretBytes} bytes`);
  }
  return { id, created: typeof created === "string" ? created : "", secret };
}

/** Puts the keys in place, durably, for their owner alone. */
export async function writeKeys(path: string, keys: KeyRing): Promise<void> {
  const written = keys.map(({ id, created, secret }) => ({ id, created, secret: secret.toString("base64") }));
  await writeFileAtomic(path, `${JSON.stringify({ keys: written }, undefined, 2)}\n`, ownerOnly);
}
