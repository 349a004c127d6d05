import { describe, expect, test } from "bun:test";
import { sha256 } from "../../test/framework/test-image.ts";
import { choosePlatform, parseManifest } from "./manifest.ts";

const digest = sha256("x");
const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: 1 };
const host = { os: "linux", architecture: "amd64" };

function descriptor(architecture: string, variant?: string) {
  return {
    ...{ mediaType: "", digest: sha256(`${architecture}${variant}`), sizeBytes: 1, annotations: {} },
    platform: { os: "linux", architecture, ...(variant === undefined ? {} : { variant }) },
  };
}

describe("parseManifest", () => {
  test("tells images from indexes by their shape", () => {
    expect(parseManifest(JSON.stringify({ schemaVersion: 2, config, layers: [config] }))).toMatchObject({
      kind: "image",
      layers: [{ digest, sizeBytes: 1 }],
    });
    expect(parseManifest(JSON.stringify({ schemaVersion: 2, manifests: [] })).kind).toBe("index");
  });

  test.each([
    ["<html>", "manifest is no JSON"],
    ["[]", "manifest is no JSON object"],
    ["{}", "manifest has neither layers nor manifests"],
    [JSON.stringify({ schemaVersion: 1, layers: [] }), "retired Docker schema 1"],
    [
      JSON.stringify({ config, layers: [{ ...config, digest: "sha256:../../etc" }] }),
      "without a valid digest",
    ],
    [JSON.stringify({ config, layers: [{ ...config, size: -1 }] }), "without a valid size"],
    [JSON.stringify({ config, layers: [{ ...config, size: "9" }] }), "without a valid size"],
    [JSON.stringify({ config, layers: [null] }), "without a valid digest"],
    [
      JSON.stringify({
        config: { ...config, mediaType: "application/vnd.cncf.helm.config.v1+json" },
        layers: [],
      }),
      "not a container image",
    ],
    [JSON.stringify({ config, layers: Array(513).fill(config) }), "513 layers, at most 512"],
  ])("refuses %s", (text, message) => {
    expect(() => parseManifest(text)).toThrow(message);
  });
});

describe("choosePlatform", () => {
  test("takes the host's architecture, the exact variant first", () => {
    const amd64 = descriptor("amd64");
    const v3 = descriptor("amd64", "v3");
    expect(choosePlatform([descriptor("arm64", "v8"), v3, amd64], host)).toBe(amd64);
    expect(choosePlatform([amd64, v3], { ...host, variant: "v3" })).toBe(v3);
    expect(choosePlatform([v3, amd64], { ...host, variant: "v2" })).toBe(amd64);
  });

  test("says what there is when nothing fits", () => {
    const unknown = { ...descriptor("unknown"), platform: { os: "unknown", architecture: "unknown" } };
    expect(() => choosePlatform([descriptor("arm64"), descriptor("arm", "v7"), unknown], host)).toThrow(
      "no match for platform linux/amd64 in manifest: it has linux/arm64, linux/arm/v7",
    );
  });
});
