import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestDescriptor, TestImage } from "./test-image.ts";

export interface RegistryOptions {
  readonly tls?: { readonly certificatePath: string; readonly keyPath: string };
  readonly users?: Readonly<Record<string, string>>;
  readonly token?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly rootPath: string;
  };
  /** Sent with every request of the test's own pushes. */
  readonly authorization?: string;
}

const startTimeoutMs = 120_000;

/** Debian's docker-registry (package docker-registry) on a free port of loopback, with storage of its own. */
export class DockerRegistry {
  readonly #process: Bun.Subprocess<"ignore", "ignore", "pipe">;
  readonly #directory: string;
  readonly #options: RegistryOptions;
  /** `127.0.0.1:PORT`, as it stands in references. */
  readonly address: string;

  private constructor(
    process: Bun.Subprocess<"ignore", "ignore", "pipe">,
    directory: string,
    address: string,
    options: RegistryOptions,
  ) {
    this.#process = process;
    this.#directory = directory;
    this.address = address;
    this.#options = options;
  }

  static available(): boolean {
    return Bun.which("docker-registry") !== null;
  }

  static async start(options: RegistryOptions = {}): Promise<DockerRegistry> {
    const directory = mkdtempSync(join(tmpdir(), "pacific-registry-"));
    writeFileSync(join(directory, "config.yml"), configuration(directory, options));
    const process = Bun.spawn(["docker-registry", "serve", join(directory, "config.yml")], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
      env: { PATH: "/usr/bin:/bin", OTEL_TRACES_EXPORTER: "none" },
    });
    const address = await listeningAddress(process);
    return new DockerRegistry(process, directory, address, options);
  }

  async stop(): Promise<void> {
    this.#process.kill();
    await this.#process.exited;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Pushes an image under a tag; returns its reference. */
  async push(repository: string, tag: string, image: TestImage): Promise<string> {
    for (const [digest, content] of image.blobs) {
      if (digest !== image.manifest.digest) await this.#pushBlob(repository, digest, content);
    }
    const content = image.blobs.get(image.manifest.digest) ?? Buffer.alloc(0);
    return await this.#pushManifest(repository, tag, image.manifest.mediaType, content);
  }

  /** Pushes images and an index of them; `platform` goes into the index. */
  async pushIndex(
    repository: string,
    tag: string,
    images: readonly { readonly image: TestImage; readonly platform: object }[],
    docker = false,
  ): Promise<string> {
    for (const { image } of images) await this.push(repository, image.manifest.digest, image);
    const manifests = images.map(({ image, platform }): TestDescriptor & { platform: object } => ({
      ...image.manifest,
      platform,
    }));
    const mediaType = docker
      ? "application/vnd.docker.distribution.manifest.list.v2+json"
      : "application/vnd.oci.image.index.v1+json";
    const content = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
    return await this.#pushManifest(repository, tag, mediaType, content);
  }

  async #pushBlob(repository: string, digest: string, content: Buffer): Promise<void> {
    const started = await this.#request(`/v2/${repository}/blobs/uploads/`, { method: "POST" });
    const location = new URL(started.headers.get("location") ?? "", started.url);
    location.searchParams.set("digest", digest);
    await this.#request(`${location.pathname}${location.search}`, { method: "PUT", body: content });
  }

  async #pushManifest(repository: string, tag: string, mediaType: string, body: Buffer): Promise<string> {
    const headers = { "content-type": mediaType };
    await this.#request(`/v2/${repository}/manifests/${tag}`, { method: "PUT", body, headers });
    return `${this.address}/${repository}${tag.includes(":") ? "@" : ":"}${tag}`;
  }

  async #request(path: string, init: { method: string; body?: Buffer; headers?: Record<string, string> }) {
    const { tls, authorization } = this.#options;
    const response = await fetch(`${tls === undefined ? "http" : "https"}://${this.address}${path}`, {
      ...init,
      headers: { ...init.headers, ...(authorization === undefined ? {} : { authorization }) },
      tls: { rejectUnauthorized: false },
    });
    if (!response.ok) throw new Error(`${init.method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}

function configuration(directory: string, { tls, users, token }: RegistryOptions): string {
  const http: Record<string, unknown> = { addr: "127.0.0.1:0" };
  if (tls !== undefined) http.tls = { certificate: tls.certificatePath, key: tls.keyPath };
  const auth: Record<string, unknown> = {};
  if (users !== undefined) {
    const path = join(directory, "htpasswd");
    const lines = Object.entries(users).map(
      ([name, password]) => `${name}:${Bun.password.hashSync(password, { algorithm: "bcrypt", cost: 4 })}\n`,
    );
    writeFileSync(path, lines.join(""));
    auth.htpasswd = { realm: "test", path };
  }
  if (token !== undefined) {
    const { realm, service, issuer, rootPath } = token;
    auth.token = { realm, service, issuer, rootcertbundle: rootPath };
  }
  // YAML takes JSON as it is.
  return JSON.stringify({
    ...{ version: "0.1", log: { level: "info", formatter: "json" } },
    storage: { filesystem: { rootdirectory: join(directory, "storage") } },
    ...{ http, ...(Object.keys(auth).length === 0 ? {} : { auth }) },
  });
}

/** The port that it was given, from its own log. */
async function listeningAddress(process: Bun.Subprocess<"ignore", "ignore", "pipe">): Promise<string> {
  let log = "";
  const found = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => found.reject(new Error(`docker-registry does not listen: ${log}`)),
    startTimeoutMs,
  );
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of process.stderr) {
      // Read on after the start: a full pipe would stop the registry.
      if (log.length < 100_000) log += decoder.decode(chunk, { stream: true });
      const match = /listening on (127\.0\.0\.1:\d+)/.exec(log);
      if (match?.[1] !== undefined) found.resolve(match[1]);
    }
    found.reject(new Error(`docker-registry ended: ${log}`));
  };
  void read();
  try {
    return await found.promise;
  } finally {
    clearTimeout(timer);
  }
}
