import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { RuntimeError } from "../runtime.ts";
import { diskFileSystem } from "./disk-file-system.ts";
import type { Guest } from "./guest/guest.ts";
import {
  descriptorFile,
  diskBackend,
  diskDeviceId,
  diskFrontend,
  diskNodeName,
  hotplugBus,
  hotplugSlots,
} from "./qemu/command-line.ts";
import type { QmpClient } from "./qemu/qmp-client.ts";
import { SerialQueue } from "./serial-queue.ts";

const serialLength = 20;
const plugTimeoutMs = 10_000;
const deviceIdPrefix = diskDeviceId("");
/** Stands for a disk that is in the machine from its start and stays; the bridge has no such slot. */
const fixedSlot = 0;

/** What a guest knows an image's disk by. It follows from the path, so that it needs no record. */
export function diskSerial(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, serialLength);
}

/** The slot of each disk in the machine, by serial. */
type Slots = ReadonlyMap<string, number>;

/**
 * The image disks of one machine: each is plugged in and mounted once and shared by its containers. QEMU knows which
 * are plugged in where, so nothing is kept beside it.
 */
export class ImageDisks {
  readonly #qmp: QmpClient;
  readonly #guest: Guest;
  readonly #mounted = new Set<string>();
  readonly #queue = new SerialQueue();

  constructor(qmp: QmpClient, guest: Guest) {
    this.#qmp = qmp;
    this.#guest = guest;
  }

  /**
   * Makes a disk usable in the guest and resolves with its id there. Where no slot is free it unplugs a disk that is
   * not in `usedPaths`. Throws {@link RuntimeError} `create-failed`, or what QEMU and the guest say.
   */
  mount(path: string, usedPaths: () => readonly string[]): Promise<string> {
    return this.#queue.run(async () => {
      const serial = diskSerial(path);
      if (this.#mounted.has(serial)) return serial;
      const fileSystem = await diskFileSystem(path);
      const plugged = await this.#plugged();
      if (!plugged.has(serial)) await this.#plug(path, plugged, usedPaths());
      await this.#guest.mountDisk(serial, serial, fileSystem, plugTimeoutMs);
      this.#mounted.add(serial);
      return serial;
    });
  }

  async #plug(path: string, plugged: Slots, usedPaths: readonly string[]): Promise<void> {
    const serial = diskSerial(path);
    const slot = freeSlot(plugged) ?? (await this.#freeSomeSlot(plugged, usedPaths));
    await this.#addNode(path, serial);
    try {
      await this.#qmp.execute("device_add", diskFrontend(serial, slot));
    } catch (error) {
      await this.#qmp.execute("blockdev-del", { "node-name": diskNodeName(serial) });
      throw error;
    }
  }

  /** QEMU sees no folder of the host: it gets the open file, and drops the set once the node has it. */
  async #addNode(path: string, serial: string): Promise<void> {
    const file = await open(path, "r");
    try {
      const set = await this.#qmp.addDescriptor(file.fd);
      try {
        await this.#qmp.execute("blockdev-add", diskBackend({ fileName: descriptorFile(set), serial }));
      } finally {
        await this.#qmp.execute("remove-fd", { "fdset-id": set });
      }
    } finally {
      await file.close();
    }
  }

  async #freeSomeSlot(plugged: Slots, usedPaths: readonly string[]): Promise<number> {
    const used = new Set(usedPaths.map(diskSerial));
    for (const [serial, slot] of plugged) {
      if (slot === fixedSlot || used.has(serial)) continue;
      await this.#unplug(serial);
      return slot;
    }
    const text = `The sandbox's machine has no room for another image: ${plugged.size} disks are in use`;
    throw new RuntimeError("create-failed", text);
  }

  async #unplug(serial: string): Promise<void> {
    await this.#guest.unmountDisk(serial);
    this.#mounted.delete(serial);
    const id = diskDeviceId(serial);
    await Promise.all([this.#deviceDeleted(id), this.#qmp.execute("device_del", { id })]);
    await this.#qmp.execute("blockdev-del", { "node-name": diskNodeName(serial) });
  }

  /** Resolves when the guest has let go of a device. */
  #deviceDeleted(id: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (): void => {
        stop();
        reject(new RuntimeError("timeout", `The guest did not let go of ${id} within ${plugTimeoutMs} ms`));
      };
      const timer = setTimeout(fail, plugTimeoutMs);
      const stop = this.#qmp.onEvent(({ event, data }) => {
        if (event !== "DEVICE_DELETED" || data.device !== id) return;
        clearTimeout(timer);
        stop();
        resolve();
      });
    });
  }

  async #plugged(): Promise<Slots> {
    const entries = await this.#qmp.execute("qom-list", { path: "/machine/peripheral" });
    const ids = (Array.isArray(entries) ? entries : []).map((entry) => String(Object(entry).name));
    const disks = ids.filter((id) => id.startsWith(deviceIdPrefix));
    const slots = disks.map(async (id): Promise<[string, number]> => {
      const path = `/machine/peripheral/${id}`;
      const bus = String(await this.#qmp.execute("qom-get", { path, property: "parent_bus" }));
      const isPlugged = bus.endsWith(`/${hotplugBus}`);
      // The address holds the slot above three bits for the function.
      const address = isPlugged ? Number(await this.#qmp.execute("qom-get", { path, property: "addr" })) : 0;
      return [id.slice(deviceIdPrefix.length), address >> 3];
    });
    return new Map(await Promise.all(slots));
  }
}

function freeSlot(plugged: Slots): number | undefined {
  const taken = new Set(plugged.values());
  const slots = Array.from({ length: hotplugSlots }, (_, index) => index + 1);
  return slots.find((slot) => !taken.has(slot));
}
