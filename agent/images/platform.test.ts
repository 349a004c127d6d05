import { expect, test } from "bun:test";
import { formatPlatform, hostPlatform, platformMatches } from "./platform.ts";

test("hostPlatform speaks of machines as Go does", () => {
  expect(formatPlatform(hostPlatform("x64"))).toBe("linux/amd64");
  expect(formatPlatform(hostPlatform("arm64"))).toBe("linux/arm64");
});

test.each([
  ["amd64", undefined, "x86_64", undefined, true],
  ["amd64", undefined, "amd64", "v1", true],
  ["amd64", undefined, "amd64", "v3", false],
  ["amd64", "v3", "amd64", undefined, true],
  ["arm64", undefined, "arm64", "v8", true],
  ["arm64", undefined, "aarch64", undefined, true],
  ["arm64", undefined, "arm", "v7", false],
  ["amd64", undefined, "constructor", undefined, false],
] as const)(
  "platformMatches: %s %p runs %s %p: %p",
  (architecture, variant, other, otherVariant, matches) => {
    const platform = (name: string, kind?: string) => ({
      ...{ os: "linux", architecture: name },
      ...(kind === undefined ? {} : { variant: kind }),
    });
    expect(platformMatches(platform(architecture, variant), platform(other, otherVariant))).toBe(matches);
  },
);
