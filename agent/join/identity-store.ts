import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isFileMissing } from "../../supervisor/base/errors.ts";
import { writeFileAtomic } from "../../supervisor/base/write-file-atomic.ts";

/** What a host keeps of having joined. */
export interface HostIdentity {
  readonly server: string;
  readonly nodeName: string;
  readonly caPem: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

/**
 * Keeps a host's identity under its data directory, in one file so that certificate and key always belong together;
 * and beside it the key of a request that has no answer yet, so that asking again is not a second host.
 */
export class IdentityStore {
  readonly directory: string;

  constructor(dataDir: string) {
    this.directory = join(dataDir, "join");
  }

  /** Throws where the file cannot be read or is none of ours. */
  async load(): Promise<HostIdentity | undefined> {
    const text = await readIfThere(this.#identityPath);
    if (text === undefined) return undefined;
    try {
      return asIdentity(JSON.parse(text));
    } catch (error) {
      const why = `Identity ${this.#identityPath} is damaged: remove it and join again with a token`;
      throw new Error(why, { cause: error });
    }
  }

  /** Stores the identity and forgets the pending key. */
  async save(identity: HostIdentity): Promise<void> {
    await this.#write(this.#identityPath, `${JSON.stringify(identity, undefined, 2)}\n`);
    await rm(this.#pendingPath, { force: true });
  }

  async loadPendingKey(): Promise<string | undefined> {
    return await readIfThere(this.#pendingPath);
  }

  async savePendingKey(keyPem: string): Promise<void> {
    await this.#write(this.#pendingPath, keyPem);
  }

  async #write(path: string, text: string): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    await writeFileAtomic(path, text, 0o600);
  }

  get #identityPath(): string {
    return join(this.directory, "identity.json");
  }

  get #pendingPath(): string {
    return join(this.directory, "pending.key");
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isFileMissing(error)) return undefined;
    throw error;
  }
}

function asIdentity(value: unknown): HostIdentity {
  const fields = ["server", "nodeName", "caPem", "certificatePem", "keyPem"] as const;
  // Checked field by field: an object whose five fields are texts is an identity.
  const record = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (fields.every((name) => typeof record[name] === "string")) return record as unknown as HostIdentity;
  throw new Error(`Expected an object with ${fields.join(", ")}`);
}
