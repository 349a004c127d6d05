import type { EntryType } from "../../agent/images/layers/entry.ts";
import { paddingBytes, tarEnd, tarHeader } from "../../agent/images/layers/tar-writer.ts";

/** An entry of an archive made by a test; what it leaves out is as harmless as can be. */
export interface TarSpec {
  readonly path: string;
  readonly type?: EntryType;
  readonly content?: string | Uint8Array;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly modifiedSeconds?: number;
  readonly linkName?: string;
  readonly device?: readonly [major: number, minor: number];
  readonly xattrs?: Readonly<Record<string, string>>;
}

export const directory = (path: string, more: Partial<TarSpec> = {}): TarSpec => ({
  path: `${path}/`,
  type: "directory",
  mode: 0o755,
  ...more,
});
export const file = (
  path: string,
  content: string | Uint8Array = "",
  more: Partial<TarSpec> = {},
): TarSpec => ({
  path,
  content,
  ...more,
});
export const symlink = (path: string, linkName: string): TarSpec => ({
  path,
  type: "symlink",
  linkName,
  mode: 0o777,
});
export const hardLink = (path: string, linkName: string): TarSpec => ({ path, type: "hard-link", linkName });
export const whiteout = (path: string): TarSpec => ({ path: path.replace(/([^/]+)$/, ".wh.$1") });
export const opaque = (path: string): TarSpec => ({ path: `${path}/.wh..wh..opq` });

/** A tar archive in memory. Nothing is checked: paths may be hostile. */
export function buildTar(specs: readonly TarSpec[]): Buffer {
  const parts: Buffer[] = [];
  for (const spec of specs) {
    const { path, type = "file", mode = 0o644, uid = 0, gid = 0, modifiedSeconds = 0 } = spec;
    const content = Buffer.from(spec.content ?? "");
    const header = tarHeader({
      path: bytes(path),
      type,
      attributes: {
        ...{ mode, uid, gid, modifiedSeconds },
        ...(spec.xattrs === undefined ? {} : { xattrs: new Map(Object.entries(spec.xattrs)) }),
      },
      sizeBytes: content.length,
      linkName: bytes(spec.linkName ?? ""),
      deviceMajor: spec.device?.[0] ?? 0,
      deviceMinor: spec.device?.[1] ?? 0,
    });
    parts.push(header, content, Buffer.alloc(paddingBytes(content.length)));
  }
  return Buffer.concat([...parts, tarEnd()]);
}

/** A text's UTF-8 bytes as the byte string that tar headers are made of. */
function bytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
