import { createHash } from "node:crypto";
import { ImageError } from "../image-service.ts";
import { type Descriptor, manifestMediaTypes } from "../manifest.ts";
import type { RegistryHttp } from "./registry-http.ts";

/** Limits of the OCI distribution specification: registries must take manifests of 4 MiB. */
const maxManifestBytes = 4 << 20;
const maxConfigBytes = 8 << 20;

export interface FetchedManifest {
  readonly text: string;
  /** The digest of the text itself. */
  readonly digest: string;
}

/** A blob's bytes from an offset on. */
export interface BlobStream {
  /** Where the bytes begin: what was asked for, or 0 from a registry that knows no ranges. */
  readonly offset: number;
  readonly chunks: AsyncGenerator<Uint8Array, void, void>;
}

/** Pulls from one repository (OCI distribution specification 1.1, "Pull"). Throws {@link ImageError}. */
export class RegistryClient {
  readonly #http: RegistryHttp;

  constructor(http: RegistryHttp) {
    this.#http = http;
  }

  /** A manifest by tag or digest; by digest it is verified. */
  async manifest(tagOrDigest: string, signal: AbortSignal): Promise<FetchedManifest> {
    const headers = { accept: manifestMediaTypes.join(", ") };
    const response = await this.#http.get(`manifests/${tagOrDigest}`, headers, signal);
    const text = await response.text(maxManifestBytes);
    const expected = tagOrDigest.includes(":") ? tagOrDigest : undefined;
    return { text, digest: verifyText(text, expected, "manifest") };
  }

  /** A small blob as text, verified. */
  async document(descriptor: Descriptor, what: string, signal: AbortSignal): Promise<string> {
    const response = await this.#http.get(`blobs/${descriptor.digest}`, {}, signal);
    const text = await response.text(maxConfigBytes);
    verifyText(text, descriptor.digest, what);
    return text;
  }

  /** A blob's bytes, unverified. */
  async blob(digest: string, offset: number, signal: AbortSignal): Promise<BlobStream> {
    const headers: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
    const response = await this.#http.get(`blobs/${digest}`, headers, signal);
    const range = /^bytes ([0-9]+)-/.exec(response.headers.get("content-range") ?? "");
    const start = response.status === 206 ? Number(range?.[1] ?? Number.NaN) : 0;
    if (start !== offset && start !== 0) {
      await response.discard();
      throw new ImageError(
        "unavailable",
        `registry answers a range from byte ${offset} with one from ${start}`,
      );
    }
    return { offset: start, chunks: response.chunks() };
  }
}

function verifyText(text: string, expected: string | undefined, what: string): string {
  const [algorithm = "sha256"] = expected?.split(":") ?? [];
  const actual = `${algorithm}:${createHash(algorithm).update(text).digest("hex")}`;
  if (expected === undefined || actual === expected) return actual;
  throw new ImageError("invalid-image", `${what} has the digest ${actual}, expected ${expected}`);
}
