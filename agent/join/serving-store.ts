import { X509Certificate } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
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

  async save(certificate: ServingCertificate): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFileAtomic(this.#path, `${JSON.stringify(certificate, undefined, 2)}\n`, 0o600);
  }

  get #path(): string {
    return join(this.#folder, "serving.json");
  }
}
