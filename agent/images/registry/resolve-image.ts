import type { Clock } from "../../../supervisor/base/clock.ts";
import { ImageError } from "../image-service.ts";
import { choosePlatform, type Descriptor, type Manifest, parseManifest } from "../manifest.ts";
import type { Platform } from "../platform.ts";
import { formatReference, type ImageReference, repositoryName } from "../reference.ts";
import type { RegistryClient } from "./registry-client.ts";
import { retryUnavailable } from "./retry.ts";

/** What a reference stands for at the registry. */
export interface ResolvedImage {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** The names that the image gets: the tag if one was asked for, and the repository with the digest. */
  readonly names: readonly string[];
}

interface ResolveOptions {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly attempts: number;
}

const maxIndexDepth = 3;

/** Asks the registry for the manifest that fits the platform. Throws {@link ImageError} in containerd's words. */
export async function resolveImage(
  client: RegistryClient,
  reference: ImageReference,
  options: ResolveOptions,
): Promise<ResolvedImage> {
  const { platform, clock, signal, attempts } = options;
  const name = formatReference(reference);
  const fetchManifest = (tagOrDigest: string) =>
    retryUnavailable(() => client.manifest(tagOrDigest, signal), { attempts, clock, signal });
  try {
    const first = await fetchManifest(reference.digest ?? reference.tag ?? "latest");
    let manifest: Manifest = parseManifest(first.text);
    for (let depth = 0; manifest.kind === "index"; depth++) {
      if (depth === maxIndexDepth) throw new ImageError("invalid-image", "indexes are nested too deep");
      const chosen = choosePlatform(manifest.manifests, platform);
      manifest = parseManifest((await fetchManifest(chosen.digest)).text);
    }
    const byDigest = `${repositoryName(reference)}@${first.digest}`;
    const names = reference.digest === undefined ? [name, byDigest] : [byDigest];
    return { config: manifest.config, layers: manifest.layers, names };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    // containerd repeats the name before "not found"; clients look for that.
    const reason = error.kind === "not-found" ? `${name}: ${error.message}` : error.message;
    throw new ImageError(error.kind, `failed to resolve reference "${name}": ${reason}`, { cause: error });
  }
}
