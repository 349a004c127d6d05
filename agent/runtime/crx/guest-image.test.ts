import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unpackGuestImage } from "./guest-image.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pacific-guest-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function build(kernel: string, manifest: object = {}) {
  const sha256 = (text: string): string => new Bun.CryptoHasher("sha256").update(text).digest("hex");
  const source = {
    kernel: join(folder, "built-kernel"),
    initramfs: join(folder, "built-initramfs"),
    jailer: join(folder, "built-jailer"),
    fileServer: join(folder, "built-file-server"),
    codeTrimmer: join(folder, "built-code-trimmer"),
    manifest: join(folder, "built-manifest"),
  };
  writeFileSync(source.kernel, kernel);
  writeFileSync(source.initramfs, "initramfs");
  writeFileSync(source.jailer, "jailer");
  writeFileSync(source.fileServer, "file-server");
  writeFileSync(source.codeTrimmer, "code-trimmer");
  const content = {
    protocolVersion: 1,
    kernel: { sha256: sha256(kernel) },
    initramfs: { sha256: sha256("initramfs") },
    jailer: { sha256: sha256("jailer") },
    fileServer: { sha256: sha256("file-server") },
    codeTrimmer: { sha256: sha256("code-trimmer") },
    kernelArguments: "quiet",
    ...manifest,
  };
  writeFileSync(source.manifest, JSON.stringify(content));
  return source;
}

describe("unpackGuestImage", () => {
  test("unpacks once, and an upgrade replaces what was there", async () => {
    const first = await unpackGuestImage(folder, build("one"));
    expect(readFileSync(first.kernelPath, "utf8")).toBe("one");
    expect(readFileSync(first.initrdPath, "utf8")).toBe("initramfs");
    expect(first.kernelArguments).toBe("quiet");
    expect(await unpackGuestImage(folder, build("one"))).toEqual(first);
    const second = await unpackGuestImage(folder, build("two"));
    expect(readdirSync(join(folder, "guest-images"))).toEqual([second.id]);
    expect(second.id).not.toBe(first.id);
  });

  test("refuses files that are not those of the manifest and leaves nothing of them", async () => {
    const source = build("one");
    writeFileSync(source.kernel, "other");
    await expect(unpackGuestImage(folder, source)).rejects.toThrow(
      /built-kernel has the SHA-256 .* expected/,
    );
    expect(readdirSync(join(folder, "guest-images"))).toEqual([]);
  });

  test("refuses a guest of another protocol", async () => {
    await expect(unpackGuestImage(folder, build("one", { protocolVersion: 2 }))).rejects.toThrow(
      /protocol version 2, expected 1/,
    );
  });
});
