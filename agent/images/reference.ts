import { ImageError } from "./image-service.ts";

/** A reference to an image, whole: the registry is named, and there is a tag or a digest or both. */
export interface ImageReference {
  /** The registry as people write it, `docker.io` or `localhost:5000`. */
  readonly registry: string;
  /** The path within the registry, `library/nginx`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const domainLabel = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const domain = new RegExp(`^(?:${domainLabel}(?:\\.${domainLabel})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]{1,5})?$`);
const pathComponent = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagText = /^\w[\w.-]{0,127}$/;
const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/**
 * Reads a reference with the rules and defaults of Docker's `reference.ParseDockerRef`: `docker.io`, `library/` and
 * `:latest` are filled in. Throws an {@link ImageError} `invalid-name` in the kubelet's words.
 */
export function parseReference(text: string): ImageReference {
  const fail = (reason: string): never => {
    throw new ImageError("invalid-name", `couldn't parse image name ${JSON.stringify(text)}: ${reason}`);
  };
  if (/^[a-f0-9]{64}$/.test(text)) fail("cannot specify 64-byte hexadecimal strings");
  const [registry, rest] = splitRegistry(text);
  const at = rest.indexOf("@");
  const digest = at < 0 ? undefined : rest.slice(at + 1);
  const named = at < 0 ? rest : rest.slice(0, at);
  const colon = named.indexOf(":");
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  const path = colon < 0 ? named : named.slice(0, colon);
  if (path.toLowerCase() !== path) {
    fail(`invalid reference format: repository name (${path}) must be lowercase`);
  }
  const repository = registry === "docker.io" && !path.includes("/") ? `library/${path}` : path;
  if (!domain.test(registry) || !repository.split("/").every((part) => pathComponent.test(part))) {
    fail("invalid reference format");
  }
  if (tag !== undefined && !tagText.test(tag)) fail("invalid reference format");
  if (`${registry}/${repository}`.length > 255) {
    fail("repository name must not be more than 255 characters");
  }
  if (digest !== undefined && !isDigest(digest)) fail(digestFault(digest));
  return {
    registry,
    repository,
    ...(tag !== undefined ? { tag } : digest === undefined ? { tag: "latest" } : {}),
    ...(digest !== undefined ? { digest } : {}),
  };
}

/** The repository with its registry, `docker.io/library/nginx`. */
export function repositoryName(reference: ImageReference): string {
  return `${reference.registry}/${reference.repository}`;
}

/** The canonical text: with a digest the digest alone counts, as with containerd's CRI. */
export function formatReference(reference: ImageReference): string {
  return reference.digest === undefined
    ? `${repositoryName(reference)}:${reference.tag}`
    : `${repositoryName(reference)}@${reference.digest}`;
}

/** Whether a text is a digest that can be verified: SHA-256 or SHA-512 in lower-case hex. */
export function isDigest(text: string): boolean {
  const [algorithm = "", hex = "", ...more] = text.split(":");
  return more.length === 0 && hex.length === digestLengths[algorithm] && /^[0-9a-f]+$/.test(hex);
}

function digestFault(digest: string): string {
  const [algorithm = "", hex = ""] = digest.split(":");
  if (!/^[A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,}$/.test(digest)) return "invalid reference format";
  if (digestLengths[algorithm] === undefined) return "unsupported digest algorithm";
  return hex.length === digestLengths[algorithm]
    ? "invalid reference format"
    : "invalid checksum digest length";
}

function splitRegistry(text: string): [registry: string, rest: string] {
  const slash = text.indexOf("/");
  const first = text.slice(0, Math.max(slash, 0));
  const isRegistry = /[.:[]/.test(first) || first === "localhost" || first.toLowerCase() !== first;
  if (slash < 0 || !isRegistry) return ["docker.io", text];
  return [first === "index.docker.io" ? "docker.io" : first, text.slice(slash + 1)];
}
