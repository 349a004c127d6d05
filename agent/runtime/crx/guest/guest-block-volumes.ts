import type { BlockVolume } from "../../mounted-volume.ts";
import type { ControlClient } from "../channel/control-client.ts";
import { FieldWriter } from "../channel/fields.ts";
import { diskUse, frameType, mountOption, tag } from "../channel/protocol.ts";
import { volumeSerial } from "../qemu/disk-serial.ts";

/** How long a guest waits for a disk that is being plugged in, or that has grown. */
const deviceTimeoutMs = 10_000;

/** A guest's volumes that are disks of their own. */
export class GuestBlockVolumes {
  readonly #control: ControlClient;
  readonly #timeoutMs: number;

  constructor(control: ControlClient, timeoutMs: number) {
    this.#control = control;
    this.#timeoutMs = timeoutMs;
  }

  /** Mounts the disk where it has a file system, else it is there for containers as a device. */
  mount({ name, readOnly, fileSystem }: BlockVolume): Promise<void> {
    const fields = diskOf(name)
      .text(tag.diskSerial, volumeSerial(name))
      .u32(tag.timeout, deviceTimeoutMs)
      .u32(tag.diskUse, fileSystem ? diskUse.volume : diskUse.raw)
      .u32(tag.mountOptions, readOnly ? mountOption.readOnly : 0);
    if (fileSystem) {
      fields.text(tag.mountSource, name).text(tag.fileSystem, fileSystem.type);
      if (fileSystem.options !== "") fields.text(tag.mountData, fileSystem.options);
      fields.u32(tag.groupId, fileSystem.group);
    }
    return this.#request(frameType.mountDisk, fields);
  }

  /** Waits until the disk has so many bytes, and grows its file system to all of them while containers use it. */
  expand(name: string, sizeBytes: number): Promise<void> {
    const fields = diskOf(name).u64(tag.size, BigInt(sizeBytes)).u32(tag.timeout, deviceTimeoutMs);
    return this.#request(frameType.expandVolume, fields);
  }

  /**
   * Writes out what the volume's file system holds back, and lets nobody write until {@link thaw}, or for so long. Does
   * nothing for a raw disk.
   */
  freeze(name: string, limitMs: number): Promise<void> {
    return this.#request(frameType.freezeVolume, diskOf(name).u32(tag.timeout, limitMs));
  }

  /** Throws where the volume has gone on by itself meanwhile. */
  thaw(name: string): Promise<void> {
    return this.#request(frameType.thawVolume, diskOf(name));
  }

  #request(type: number, fields: FieldWriter): Promise<void> {
    return this.#control.request({ type, fields, timeoutMs: this.#timeoutMs }, () => {});
  }
}

function diskOf(name: string): FieldWriter {
  return new FieldWriter().text(tag.disk, volumeSerial(name));
}
