import type { HostVolume, NfsVolume } from "../../mounted-volume.ts";
import type { SandboxVolume, VolumeEntry } from "../../runtime.ts";
import { FieldWriter } from "../channel/fields.ts";
import { entryKind, mountOption, tag, volumeMedium, volumePart } from "../channel/protocol.ts";

/** So much of a volume goes into one request: far below the largest message, so that other requests get their turn. */
const requestBytes = 256 << 10;

/** The fields of the `WRITE_VOLUME`s, or of the `UPDATE_VOLUME`s, that bring a volume to its contents, in order. */
export function* volumeRequests(volume: SandboxVolume): Generator<FieldWriter> {
  const batches = batchesOf(volume.entries);
  for (const [index, batch] of batches.entries()) {
    const isFirst = index === 0;
    const isLast = index === batches.length - 1;
    const request = new FieldWriter()
      .text(tag.mountSource, volume.name)
      .u32(tag.volumeParts, (isFirst ? volumePart.first : 0) | (isLast ? volumePart.last : 0));
    if (isFirst) {
      request
        .u32(tag.mode, volume.mode)
        .u32(tag.groupId, volume.group)
        .u32(tag.volumeMedium, volume.medium === "disk" ? volumeMedium.disk : undefined)
        .u64(tag.size, volume.sizeBytes === undefined ? undefined : BigInt(volume.sizeBytes));
    }
    if (isLast) request.text(tag.volumeVersion, volume.version);
    for (const entry of batch) request.bytes(tag.entry, entry);
    yield request;
  }
}

/** The fields of a `MOUNT_VOLUME`. */
export function mountVolumeRequest(volume: HostVolume | NfsVolume): FieldWriter {
  const request = new FieldWriter()
    .text(tag.mountSource, volume.name)
    .text(tag.fileSystem, volume.kind === "host" ? "share" : "nfs")
    .u32(tag.mountOptions, volume.readOnly ? mountOption.readOnly : 0);
  if (volume.kind === "host") return request;
  return request.text(tag.remote, volume.source).text(tag.mountData, volume.options);
}

/** The entries' bytes, as many together as fit into one request; at least one batch, and none without end. */
function batchesOf(entries: readonly VolumeEntry[]): Buffer[][] {
  let batch: Buffer[] = [];
  const batches = [batch];
  let used = 0;
  for (const entry of entries.flatMap(entryGroups)) {
    if (used > 0 && used + entry.length > requestBytes) {
      batch = [];
      batches.push(batch);
      used = 0;
    }
    batch.push(entry);
    used += entry.length;
  }
  return batches;
}

/** A file that is too long for one request goes in pieces. */
function entryGroups(entry: VolumeEntry): Buffer[] {
  if (entry.kind === "folder")
    return [entryFields(entry, entryKind.folder).u32(tag.mode, entry.mode).finish()];
  if (entry.kind === "link") {
    return [entryFields(entry, entryKind.link).text(tag.content, entry.target).finish()];
  }
  const groups: Buffer[] = [];
  for (let at = 0; at === 0 || at < entry.content.length; at += requestBytes) {
    const piece = entry.content.subarray(at, at + requestBytes);
    const kind = at === 0 ? entryKind.file : entryKind.more;
    groups.push(entryFields(entry, kind).u32(tag.mode, entry.mode).bytes(tag.content, piece).finish());
  }
  return groups;
}

function entryFields({ path, owner, group }: VolumeEntry, kind: number): FieldWriter {
  return new FieldWriter()
    .u32(tag.entryKind, kind)
    .text(tag.path, path)
    .u32(tag.owner, owner)
    .u32(tag.groupId, group);
}
