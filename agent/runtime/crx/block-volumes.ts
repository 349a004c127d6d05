import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { BlockVolume } from "../mounted-volume.ts";
import { RuntimeError } from "../runtime.ts";
import type { Guest } from "./guest/guest.ts";
import { addFileNode } from "./qemu/add-file-node.ts";
import { hotplugBus, volumeSlots } from "./qemu/command-line.ts";
import { volumeSerial } from "./qemu/disk-serial.ts";
import { peripheralIds, peripheralSlot } from "./qemu/peripherals.ts";
import type { QmpClient } from "./qemu/qmp-client.ts";

const idPrefix = "volume-";

/**
 * Makes a block device of the host a disk of a machine, and the disk a volume; one that is there stays as it is. It is
 * let go of when the machine ends. Called for one volume at a time. Throws what the host, QEMU and the guest say.
 */
export async function plugBlockVolume(qmp: QmpClient, guest: Guest, volume: BlockVolume): Promise<void> {
  const id = idPrefix + volumeSerial(volume.name);
  const present = await presentVolumes(qmp);
  if (!present.has(id)) await plug(qmp, id, volume, freeSlot([...present.values()]));
  await guest.mountBlockVolume(volume);
}

async function plug(qmp: QmpClient, id: string, volume: BlockVolume, slot: number): Promise<void> {
  const { path, readOnly, name } = volume;
  const common = { "read-only": readOnly, discard: "unmap" };
  const device = {
    driver: "virtio-blk-pci",
    id,
    drive: id,
    serial: volumeSerial(name),
    "disable-legacy": "on",
    werror: "report",
    rerror: "report",
    bus: hotplugBus,
    addr: slot.toString(16),
  };
  const file = await openDevice(path, readOnly);
  try {
    await addFileNode(
      qmp,
      file,
      (filename) => ({
        ...{ driver: "raw", "node-name": id, ...common },
        file: { driver: "host_device", filename, ...common },
      }),
      () => qmp.execute("device_add", device),
    );
  } finally {
    await file.close();
  }
}

async function openDevice(path: string, readOnly: boolean): Promise<FileHandle> {
  const file = await open(path, readOnly ? constants.O_RDONLY : constants.O_RDWR);
  if ((await file.stat()).isBlockDevice()) return file;
  await file.close();
  throw new RuntimeError("create-failed", `Volume ${path} is not a block device`);
}

/** The slots of the volumes that QEMU has, by their devices. */
async function presentVolumes(qmp: QmpClient): Promise<Map<string, number>> {
  const slots = new Map<string, number>();
  for (const id of await peripheralIds(qmp)) {
    if (id.startsWith(idPrefix)) slots.set(id, await peripheralSlot(qmp, id));
  }
  return slots;
}

function freeSlot(taken: readonly number[]): number {
  const [first, end]: readonly [number, number] = volumeSlots;
  for (let slot = first; slot < end; slot++) if (!taken.includes(slot)) return slot;
  throw new RuntimeError("create-failed", `A machine has room for ${end - first} volumes that are disks`);
}
