import { ImageError } from "./image-service.ts";
import { asObject, asText, asTextMap, type JsonObject, parseJsonObject } from "./json-shape.ts";
import { formatPlatform, type Platform, platformMatches } from "./platform.ts";
import { isDigest } from "./reference.ts";

/** Points at a blob or a manifest (OCI image specification, "Content Descriptors"). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly platform?: Platform;
  readonly annotations: Readonly<Record<string, string>>;
}

/** An image's manifest, or an index of manifests, of OCI or of Docker's schema 2. */
export type Manifest =
  | { readonly kind: "image"; readonly config: Descriptor; readonly layers: readonly Descriptor[] }
  | { readonly kind: "index"; readonly manifests: readonly Descriptor[] };

export const manifestMediaTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
] as const;

const imageConfigTypes = [
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
];
const maxLayers = 512;

/** Reads a manifest by its shape and its own media type. Throws `invalid-image`. */
export function parseManifest(text: string): Manifest {
  const json = parseJsonObject(text, "manifest");
  if (json.schemaVersion === 1) {
    throw new ImageError(
      "invalid-image",
      "manifest is of the retired Docker schema 1; push the image again with a newer tool",
    );
  }
  if (Array.isArray(json.manifests)) {
    return { kind: "index", manifests: json.manifests.map((item) => parseDescriptor(item, "index")) };
  }
  if (!Array.isArray(json.layers)) {
    throw new ImageError("invalid-image", "manifest has neither layers nor manifests");
  }
  const config = parseDescriptor(json.config, "manifest");
  if (!imageConfigTypes.includes(config.mediaType)) {
    throw new ImageError(
      "invalid-image",
      `not a container image: its configuration is of type ${JSON.stringify(config.mediaType)}`,
    );
  }
  const layers = json.layers.map((item) => parseDescriptor(item, "manifest"));
  if (layers.length > maxLayers) {
    throw new ImageError(
      "invalid-image",
      `manifest has ${layers.length} layers, at most ${maxLayers} are taken`,
    );
  }
  return { kind: "image", config, layers };
}

/**
 * The manifest of an index that fits the host. Descriptors without a platform are taken when there is no other.
 * Throws `not-found` and lists what there is.
 */
export function choosePlatform(manifests: readonly Descriptor[], host: Platform): Descriptor {
  const fitting = manifests.filter(
    ({ platform }) => platform !== undefined && platformMatches(host, platform),
  );
  // The same variant before a more general one.
  const exact = fitting.find(({ platform }) => platform && formatPlatform(platform) === formatPlatform(host));
  const unnamed = manifests.filter(({ platform }) => platform === undefined);
  const chosen = exact ?? fitting[0] ?? (unnamed.length === 1 ? unnamed[0] : undefined);
  if (chosen !== undefined) return chosen;
  const known = manifests.flatMap(({ platform }) =>
    platform === undefined || platform.os === "unknown" ? [] : [formatPlatform(platform)],
  );
  throw new ImageError(
    "not-found",
    `no match for platform ${formatPlatform(host)} in manifest: it has ${known.join(", ") || "none"}`,
  );
}

function parseDescriptor(value: unknown, where: string): Descriptor {
  const json = asObject(value);
  const digest = asText(json?.digest) ?? "";
  const sizeBytes = json?.size;
  if (json === undefined || !isDigest(digest)) {
    throw new ImageError("invalid-image", `${where} has a descriptor without a valid digest`);
  }
  if (typeof sizeBytes !== "number" || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw new ImageError("invalid-image", `${where} has a descriptor without a valid size: ${digest}`);
  }
  const platform = parsePlatform(asObject(json.platform));
  return {
    mediaType: asText(json.mediaType) ?? "",
    digest,
    sizeBytes,
    ...(platform === undefined ? {} : { platform }),
    annotations: asTextMap(json.annotations),
  };
}

function parsePlatform(json: JsonObject | undefined): Platform | undefined {
  const os = asText(json?.os);
  const architecture = asText(json?.architecture);
  const variant = asText(json?.variant);
  if (os === undefined || architecture === undefined) return undefined;
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}
