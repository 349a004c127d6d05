import { open } from "node:fs/promises";
import { SerialQueue } from "../../../supervisor/base/serial-queue.ts";
import { RuntimeError } from "../runtime.ts";
import { diskFileSystem } from "./disk-file-system.ts";
import type { Guest } from "./guest/guest.ts";
import { addFileNode, type MakeNode } from "./qemu/add-file-node.ts";
import {
  diskBackend,
  diskDeviceId,
  diskFrontend,
  diskNodeName,
  diskSlots,
  hotplugBus,
  hotplugSlots,
  slotName,
  slotPciAddress,
} from "./qemu/command-line.ts";
import { diskSerial } from "./qemu/disk-serial.ts";
import { namesOf } from "./qemu/names-of.ts";
import { peripheralIds, peripheralProperty, peripheralSlot } from "./qemu/peripherals.ts";
import type { QmpClient } from "./qemu/qmp-client.ts";

const plugTimeoutMs = 10_000;
const deviceIdPrefix = diskDeviceId("");

/**
 * Where a disk is: in the machine from QEMU's start, in one of a clone's slots, or plugged into the bridge. Only the last
 * can be taken out again.
 */
type Place =
  | { readonly kind: "fixed" }
  | { readonly kind: "slot"; readonly slot: number }
  | { readonly kind: "plugged"; readonly slot: number };

/**
 * The image disks of one machine: each is put in and mounted once and shared by its containers. QEMU knows which
 * are where, so nothing is kept beside it.
 */
export class ImageDisks {
  readonly #qmp: QmpClient;
  readonly #guest: Guest;
  readonly #mounted = new Set<string>();
  readonly #queue = new SerialQueue();
  /** By serial, once QEMU was asked. */
  #places: Map<string, Place> | undefined;
  #freeSlots: number[] = [];

  constructor(qmp: QmpClient, guest: Guest) {
    this.#qmp = qmp;
    this.#guest = guest;
  }

  /** Puts disks that will be needed soon into a clone's slots, while its guest does other things. */
  insert(paths: readonly string[]): void {
    for (const path of new Set(paths)) {
      this.#queue
        .run(async () => {
          const places = await this.#read();
          if (!places.has(diskSerial(path)) && this.#freeSlots.length > 0)
            await this.#putIn(path, places, []);
        })
        // Whoever mounts the disk tries again and is told.
        .catch(() => {});
    }
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
      const places = await this.#read();
      const place = places.get(serial) ?? (await this.#putIn(path, places, usedPaths()));
      const device = place.kind === "slot" ? { pci: slotPciAddress(place.slot) } : { serial };
      await this.#guest.mountDisk(serial, device, fileSystem, plugTimeoutMs);
      this.#mounted.add(serial);
      return serial;
    });
  }

  async #putIn(path: string, places: Map<string, Place>, usedPaths: readonly string[]): Promise<Place> {
    const [free] = this.#freeSlots;
    const place =
      free === undefined ? await this.#plug(path, places, usedPaths) : await this.#fill(free, path);
    places.set(diskSerial(path), place);
    return place;
  }

  /** A disk takes the place of what an empty slot holds; the guest has not looked into the slot yet. */
  async #fill(slot: number, path: string): Promise<Place> {
    const node = slotDiskNode(slot, diskSerial(path));
    const options = [{ driver: "raw", "node-name": slotName(slot), "read-only": true, file: node }];
    await this.#addNode(
      path,
      (filename) => ({ driver: "file", "node-name": node, filename, "read-only": true }),
      () => this.#qmp.execute("blockdev-reopen", { options }),
    );
    this.#freeSlots.shift();
    return { kind: "slot", slot };
  }

  async #plug(path: string, places: Map<string, Place>, usedPaths: readonly string[]): Promise<Place> {
    const serial = diskSerial(path);
    const slot = freeBridgeSlot(places) ?? (await this.#freeSomeSlot(places, usedPaths));
    await this.#addNode(
      path,
      (fileName) => diskBackend({ fileName, serial }),
      () => this.#qmp.execute("device_add", diskFrontend(serial, slot)),
    );
    return { kind: "plugged", slot };
  }

  async #addNode(path: string, makeNode: MakeNode, use: () => Promise<unknown>): Promise<void> {
    const file = await open(path, "r");
    try {
      await addFileNode(this.#qmp, file, makeNode, use);
    } finally {
      await file.close();
    }
  }

  async #freeSomeSlot(places: Map<string, Place>, usedPaths: readonly string[]): Promise<number> {
    const used = new Set(usedPaths.map(diskSerial));
    for (const [serial, place] of places) {
      if (place.kind !== "plugged" || used.has(serial)) continue;
      await this.#unplug(serial);
      places.delete(serial);
      return place.slot;
    }
    const text = `The sandbox's machine has no room for another image: ${places.size} disks are in use`;
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

  async #read(): Promise<Map<string, Place>> {
    if (this.#places) return this.#places;
    const devices = await peripheralIds(this.#qmp);
    const serials = devices
      .filter((id) => id.startsWith(deviceIdPrefix))
      .map((id) => id.slice(deviceIdPrefix.length));
    const places = new Map<string, Place>();
    for (const serial of serials) places.set(serial, await this.#placeOf(diskDeviceId(serial)));
    if (devices.includes(slotName(0))) {
      const nodes = namesOf(await this.#qmp.execute("query-named-block-nodes", { flat: true }), "node-name");
      for (let slot = 0; slot < diskSlots; slot++) {
        const prefix = slotDiskNode(slot, "");
        const node = nodes.find((name) => name.startsWith(prefix));
        if (node) places.set(node.slice(prefix.length), { kind: "slot", slot });
        else this.#freeSlots.push(slot);
      }
    }
    this.#places = places;
    return places;
  }

  async #placeOf(id: string): Promise<Place> {
    const bus = String(await peripheralProperty(this.#qmp, id, "parent_bus"));
    if (!bus.endsWith(`/${hotplugBus}`)) return { kind: "fixed" };
    return { kind: "plugged", slot: await peripheralSlot(this.#qmp, id) };
  }
}

function slotDiskNode(slot: number, serial: string): string {
  return `${slotName(slot)}-${serial}`;
}

function freeBridgeSlot(places: ReadonlyMap<string, Place>): number | undefined {
  const plugged = [...places.values()].filter(({ kind }) => kind === "plugged");
  const taken = new Set(plugged.map((place) => ("slot" in place ? place.slot : 0)));
  const slots = Array.from({ length: hotplugSlots }, (_, index) => index + 1);
  return slots.find((slot) => !taken.has(slot));
}
