import { type ImageConfig, ImageError } from "./image-service.ts";
import { asObject, asText, asTextMap, asTexts, parseJsonObject } from "./json-shape.ts";
import { formatPlatform, type Platform, platformMatches } from "./platform.ts";
import { isDigest } from "./reference.ts";

export interface ParsedConfig {
  readonly config: ImageConfig;
  /** The digests of the uncompressed layers, from the lowest up. */
  readonly diffIds: readonly string[];
}

/**
 * Reads an image's configuration (OCI image specification, "Image Configuration").
 * Throws `invalid-image` when it is broken, is for another platform, or has not one diffID for each layer.
 */
export function parseImageConfig(text: string, layerCount: number, host: Platform): ParsedConfig {
  const json = parseJsonObject(text, "image configuration");
  const platform: Platform = {
    os: asText(json.os) || host.os,
    architecture: asText(json.architecture) || host.architecture,
  };
  if (!platformMatches(host, platform)) {
    throw new ImageError(
      "invalid-image",
      `image is for ${formatPlatform(platform)}, this host runs ${formatPlatform(host)}`,
    );
  }
  const diffIds = asTexts(asObject(json.rootfs)?.diff_ids);
  if (diffIds.length !== layerCount || !diffIds.every(isDigest)) {
    throw new ImageError(
      "invalid-image",
      `image configuration has ${diffIds.length} diffIDs for ${layerCount} layers, expected one valid digest for each`,
    );
  }
  const config = asObject(json.config) ?? {};
  return {
    diffIds,
    config: {
      entrypoint: asTexts(config.Entrypoint),
      cmd: asTexts(config.Cmd),
      env: asTexts(config.Env),
      workingDir: asText(config.WorkingDir) ?? "",
      user: asText(config.User) ?? "",
      stopSignal: asText(config.StopSignal) ?? "",
      labels: asTextMap(config.Labels),
      volumes: Object.keys(asObject(config.Volumes) ?? {}),
    },
  };
}
