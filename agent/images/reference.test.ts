import { describe, expect, test } from "bun:test";
import fc from "../../test/framework/fast-check.ts";
import { ImageError } from "./image-service.ts";
import { formatReference, isDigest, parseReference } from "./reference.ts";

const digest = `sha256:${"a1".repeat(32)}`;

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("parseReference", () => {
  test.each([
    ["nginx", "docker.io/library/nginx:latest"],
    ["nginx:1.27", "docker.io/library/nginx:1.27"],
    ["bitnami/redis", "docker.io/bitnami/redis:latest"],
    ["index.docker.io/nginx", "docker.io/library/nginx:latest"],
    ["docker.io/library/nginx:1", "docker.io/library/nginx:1"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/team/app:v1", "localhost:5000/team/app:v1"],
    ["127.0.0.1:5000/app", "127.0.0.1:5000/app:latest"],
    ["[::1]:5000/app", "[::1]:5000/app:latest"],
    ["registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"],
    [`nginx@${digest}`, `docker.io/library/nginx@${digest}`],
    [`nginx:1.27@${digest}`, `docker.io/library/nginx@${digest}`],
    ["a/b__c/d.e-f--g", "docker.io/a/b__c/d.e-f--g:latest"],
  ])("reads %s", (text, canonical) => {
    expect(formatReference(parseReference(text))).toBe(canonical);
  });

  test.each([
    ["", "invalid reference format"],
    ["nginx:", "invalid reference format"],
    ["nginx latest", "invalid reference format"],
    [":1", "invalid reference format"],
    ["-nginx", "invalid reference format"],
    ["a//b", "invalid reference format"],
    ["../../etc/passwd", "invalid reference format"],
    ["library/Nginx", "invalid reference format: repository name (library/Nginx) must be lowercase"],
    ["nginx@sha256:abc", "invalid reference format"],
    [`nginx@sha256:${"a".repeat(40)}`, "invalid checksum digest length"],
    [`nginx@md5:${"a".repeat(32)}`, "unsupported digest algorithm"],
    ["a".repeat(64), "cannot specify 64-byte hexadecimal strings"],
    ["b".repeat(256), "repository name must not be more than 255 characters"],
    [`nginx:${"t".repeat(129)}`, "invalid reference format"],
  ])("refuses %j in the kubelet's words", (text, reason) => {
    const error = caught(() => parseReference(text));
    expect(error).toBeInstanceOf(ImageError);
    expect((error as ImageError).kind).toBe("invalid-name");
    expect((error as ImageError).message).toBe(
      `couldn't parse image name ${JSON.stringify(text)}: ${reason}`,
    );
  });

  test("keeps its own canonical text, and throws nothing but ImageError", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."aZ0.-_/:@[]l "), maxLength: 40 }), (text) => {
        try {
          const canonical = formatReference(parseReference(text));
          expect(formatReference(parseReference(canonical))).toBe(canonical);
        } catch (error) {
          expect(error).toBeInstanceOf(ImageError);
        }
      }),
    );
  });
});

describe("isDigest", () => {
  test("takes SHA-256 and SHA-512 in lower-case hex only", () => {
    expect(isDigest(digest)).toBe(true);
    expect(isDigest(`sha512:${"0".repeat(128)}`)).toBe(true);
    expect(isDigest(digest.toUpperCase())).toBe(false);
    expect(isDigest(`${digest}:x`)).toBe(false);
    expect(isDigest("constructor:x")).toBe(false);
  });
});
