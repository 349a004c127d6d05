import { open, stat } from "node:fs/promises";
import { formatExt4 } from "../../format-ext4.ts";
import type { BlockVolume } from "../../runtime/mounted-volume.ts";
import { VolumeError } from "./payload.ts";

export interface BlockClaim {
  readonly name: string;
  readonly readOnly: boolean;
  /** Containers get the device itself. */
  readonly isRaw: boolean;
  readonly fsType?: string;
  readonly mountOptions?: readonly string[];
  readonly fsGroup?: number;
}

/** The kubelet's, where a volume names none. */
const usualType = "ext4";
/** Where file systems and tables of partitions have their signs. */
const lookedAtBytes = 1 << 20;

export async function isBlockDevice(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isBlockDevice() ?? false;
}

/**
 * A block device of the host as a volume. One that is to have a file system and is empty is formatted, as the kubelet
 * does it. What is on it is the guest's to read: here nobody looks further than whether there is anything. Throws
 * {@link VolumeError}.
 */
export async function blockVolume(
  path: string,
  { name, readOnly, isRaw, fsType = usualType, mountOptions = [], fsGroup }: BlockClaim,
): Promise<BlockVolume> {
  if (isRaw) return { kind: "block", name, path, readOnly };
  if (fsType !== usualType) {
    throw new VolumeError(`the guest's kernel cannot mount ${fsType}: expected ${usualType}`);
  }
  if (!readOnly && (await isEmpty(path))) await format(path);
  const group = fsGroup === undefined ? {} : { group: fsGroup };
  const fileSystem = { type: fsType, options: mountOptions.join(","), ...group };
  return { kind: "block", name, path, readOnly, fileSystem };
}

async function isEmpty(path: string): Promise<boolean> {
  const device = await open(path, "r");
  try {
    const head = Buffer.alloc(lookedAtBytes);
    const { bytesRead } = await device.read(head, 0, head.length, 0);
    return !head.subarray(0, bytesRead).some((byte) => byte !== 0);
  } finally {
    await device.close();
  }
}

/** With the options of the kubelet's mount-utils. */
async function format(path: string): Promise<void> {
  const complaint = await formatExt4(path, ["-F", "-m0"], process.env);
  if (complaint !== undefined) throw new VolumeError(`format of disk "${path}" failed: ${complaint}`);
}
