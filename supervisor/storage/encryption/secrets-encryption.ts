/**
 * Secrets are stored encrypted. The keys lie in a file beside the store, apart from backups of the store alone; a
 * rotation makes a new key and writes every Secret anew with it, while the supervisor serves.
 */
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logging.ts";
import { type Backend, KeyNotFoundError, type KeyValue, RevisionConflictError } from "../backend.ts";
import { pagesOf } from "../pages-of.ts";
import { EncryptingBackend } from "./encrypting-backend.ts";
import { type KeyRing, newKey, readKeys, writeKeys } from "./encryption-keys.ts";
import { ValueCipher } from "./value-cipher.ts";

const secretsPrefix = "/registry/secrets/";
/** History that an older key is needed for is compacted long before. */
const keepOldKeysMs = 60 * 60 * 1000;

export interface EncryptionStatus {
  /** The newest key, by which all is written. */
  readonly key: string;
  readonly created: string;
  readonly secrets: number;
  /** Those that are still encrypted with an older key, or plain. */
  readonly outdated: number;
}

export interface SecretsEncryptionOptions {
  readonly store: Backend;
  readonly keysPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class SecretsEncryption {
  /** The store as everybody is to use it. */
  readonly backend: EncryptingBackend;
  readonly #options: SecretsEncryptionOptions;
  #keys: KeyRing;
  #cipher: ValueCipher;
  #rotation: Promise<EncryptionStatus> | undefined;

  private constructor(options: SecretsEncryptionOptions, keys: KeyRing) {
    this.#options = options;
    this.#keys = keys;
    this.#cipher = new ValueCipher(keys);
    this.backend = new EncryptingBackend(options.store, secretsPrefix, this.#cipher);
  }

  /** Reads the keys, or makes the first one. What is stored plain is then encrypted. */
  static async open(options: SecretsEncryptionOptions): Promise<SecretsEncryption> {
    const known = await readKeys(options.keysPath);
    if (known !== undefined) return new SecretsEncryption(options, known);
    const keys: KeyRing = [newKey(options.clock.now())];
    const encryption = new SecretsEncryption(options, keys);
    // Before there is a file of keys: it must not stand in the place of one that was lost.
    await encryption.#checkReadable();
    await writeKeys(options.keysPath, keys);
    await encryption.#rewrite();
    return encryption;
  }

  async status(): Promise<EncryptionStatus> {
    let secrets = 0;
    let outdated = 0;
    await this.#eachPage((items) => {
      secrets += items.length;
      outdated += items.filter(({ value }) => !this.#cipher.isCurrent(value)).length;
    });
    const [{ id, created }] = this.#keys;
    return { key: id, created, secrets, outdated };
  }

  /** Makes a new key and writes all Secrets anew; whoever asks meanwhile waits for the rotation under way. */
  rotate(): Promise<EncryptionStatus> {
    this.#rotation ??= this.#rotate().finally(() => {
      this.#rotation = undefined;
    });
    return this.#rotation;
  }

  async #rotate(): Promise<EncryptionStatus> {
    const { keysPath, clock, logger } = this.#options;
    const nowMs = clock.now();
    await this.#rewrite();
    // Nothing stored has the keys after the first; the past that can still be read may, for a while.
    const [newest, ...older] = this.#keys;
    const kept = nowMs - Date.parse(newest.created) < keepOldKeysMs ? older : [];
    const keys: KeyRing = [newKey(nowMs), newest, ...kept];
    await writeKeys(keysPath, keys);
    this.#keys = keys;
    this.#cipher = new ValueCipher(keys);
    this.backend.setCipher(this.#cipher);
    await this.#rewrite();
    const status = await this.status();
    logger.info("The encryption key of Secrets was rotated", { ...status });
    return status;
  }

  async #checkReadable(): Promise<void> {
    await this.#eachPage((items) => {
      for (const { key, value } of items) this.#cipher.decrypt(key, value);
    });
  }

  /** Writes what is not encrypted with the newest key. */
  async #rewrite(): Promise<void> {
    await this.#eachPage(async (items) => {
      const outdated = items.filter(({ value }) => !this.#cipher.isCurrent(value));
      await Promise.all(outdated.map((item) => this.#rewriteOne(item)));
    });
  }

  async #rewriteOne({ key, value, modRevision }: KeyValue): Promise<void> {
    try {
      await this.backend.update(key, this.#cipher.decrypt(key, value), modRevision);
    } catch (error) {
      // Written meanwhile, and so with the newest key, or gone.
      if (!(error instanceof RevisionConflictError || error instanceof KeyNotFoundError)) throw error;
    }
  }

  async #eachPage(visit: (items: readonly KeyValue[]) => Promise<void> | void): Promise<void> {
    for await (const { items } of pagesOf(this.#options.store, secretsPrefix)) await visit(items);
  }
}
