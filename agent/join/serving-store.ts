import { X509Certificate } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPem } from "../../supervisor/base/pki/keys.ts";
import { writeFileAtomic } from "../../supervisor/base/write-file-atomic.ts";

export interface ServingCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Keeps the certificate of the kubelet's port under the host's data directory. */
export class ServingStore {
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#folder = join(dataDir, "join");
  }

  /** The certificate; undefined where there is none that can be read. */
  async load(): Promise<ServingCertificate | undefined> {
    try {
      const { certificatePem, keyPem } = JSON.parse(await readFile(this.#path, "utf8"));
      new X509Certificate(certificatePem);
      return { certificatePem, keyPem };
    } catch {
      // Another is asked for.
      return undefined;
    }
  }

  /** Stores the certificate and forgets the pending key. */
  async save(certificate: ServingCertificate): Promise<void> {
    await this.#write(this.#path, `${JSON.stringify(certificate, undefined, 2)}\n`);
    await rm(this.#pendingPath, { force: true });
  }

  /** The key of a request that has no answer yet, so that a host that starts again asks by the same; else a new one. */
  async pendingKey(): Promise<string> {
    const pending = await readFile(this.#pendingPath, "utf8").catch(() => undefined);
    if (pending !== undefined) return pending;
    const keyPem = generateKeyPem();
    await this.#write(this.#pendingPath, keyPem);
    return keyPem;
  }

  async #write(path: string, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFileAtomic(path, text, 0o600);
  }

  get #path(): string {
    return join(this.#folder, "serving.json");
  }

  get #pendingPath(): string {
    return join(this.#folder, "serving-pending.key");
  }
}
