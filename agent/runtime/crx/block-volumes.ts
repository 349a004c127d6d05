import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { SerialQueue } from "../../../supervisor/base/serial-queue.ts";
import type { BlockVolume } from "../mounted-volume.ts";
import { RuntimeError, type SnapshotTarget } from "../runtime.ts";
import type { Machine } from "./machine.ts";
import { addFileNode } from "./qemu/add-file-node.ts";
import { hotplugBus, volumeSlots } from "./qemu/command-line.ts";
import { volumeSerial } from "./qemu/disk-serial.ts";
import { peripheralIds, peripheralSlot } from "./qemu/peripherals.ts";
import type { QmpClient } from "./qemu/qmp-client.ts";
import { libc } from "./template/libc.ts";
import { snapshotVolume } from "./volume-snapshot.ts";

const idPrefix = "volume-";
/** linux/fs.h */
const seekEnd = 2;

/**
 * The volumes of one machine that are block devices of the host, which it keeps until it ends. QEMU knows which are
 * where, so nothing is kept beside it.
 */
export class BlockVolumes {
  readonly #machine: Machine;
  readonly #queue = new SerialQueue();
  readonly #snapshots = new SerialQueue();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /**
   * Makes a block device of the host a disk of the machine, and the disk a volume; one that is there stays as it is.
   * Throws what the host, QEMU and the guest say.
   */
  mount(volume: BlockVolume): Promise<void> {
    return this.#queue.run(async () => {
      const { qmp, guest } = this.#machine;
      const id = deviceId(volume.name);
      const present = await presentVolumes(qmp);
      if (!present.has(id)) await plug(qmp, id, volume, freeSlot([...present.values()]));
      await guest.blockVolumes.mount(volume);
    });
  }

  /** Shows the machine how large the device is now, and grows its file system. Throws as {@link mount}. */
  expand({ name, path }: BlockVolume): Promise<void> {
    return this.#queue.run(async () => {
      const { qmp, guest } = this.#machine;
      const size = await deviceSize(path);
      await qmp.execute("block_resize", { "node-name": deviceId(name), size });
      await guest.blockVolumes.expand(name, size);
    });
  }

  /** One at a time. Throws as {@link mount}, or the signal's reason. */
  snapshot(volume: string, target: SnapshotTarget): Promise<void> {
    return this.#snapshots.run(() =>
      snapshotVolume(this.#machine, { volume, nodeName: deviceId(volume) }, target),
    );
  }
}

/** The id of a volume's device and of its block node. */
function deviceId(volume: string): string {
  return idPrefix + volumeSerial(volume);
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

async function deviceSize(path: string): Promise<number> {
  const file = await openDevice(path, true);
  try {
    return Number(libc().lseek(file.fd, 0, seekEnd));
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
