import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { BlockVolume } from "../mounted-volume.ts";
import { RuntimeError } from "../runtime.ts";
import type { Guest } from "./guest/guest.ts";
import { volumeSerial } from "./guest/volume-serial.ts";
import { descriptorFile, hotplugBus, volumeSlots } from "./qemu/command-line.ts";
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
  const file = await openDevice(path, readOnly);
  try {
    const set = await qmp.addDescriptor(file.fd);
    try {
      await qmp.execute("blockdev-add", {
        driver: "raw",
        "node-name": id,
        "read-only": readOnly,
        discard: "unmap",
        file: {
          driver: "host_device",
          filename: descriptorFile(set),
          "read-only": readOnly,
          discard: "unmap",
        },
      });
    } finally {
      await qmp.execute("remove-fd", { "fdset-id": set });
    }
  } finally {
    await file.close();
  }
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
  try {
    await qmp.execute("device_add", device);
  } catch (error) {
    await qmp.execute("blockdev-del", { "node-name": id });
    throw error;
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
  const listed = await qmp.execute("qom-list", { path: "/machine/peripheral" });
  const names = (Array.isArray(listed) ? listed : []).map((entry) => String(Object(entry).name));
  const slots = new Map<string, number>();
  for (const id of names.filter((name) => name.startsWith(idPrefix))) {
    const address = await qmp.execute("qom-get", { path: `/machine/peripheral/${id}`, property: "addr" });
    // The address holds the slot above three bits for the function.
    slots.set(id, Number(address) >> 3);
  }
  return slots;
}

function freeSlot(taken: readonly number[]): number {
  const [first, end]: readonly [number, number] = volumeSlots;
  for (let slot = first; slot < end; slot++) if (!taken.includes(slot)) return slot;
  throw new RuntimeError("create-failed", `A machine has room for ${end - first} volumes that are disks`);
}
