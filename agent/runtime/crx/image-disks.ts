import { createHash } from "node:crypto";
import { RuntimeError } from "../runtime.ts";
import { diskFileSystem } from "./disk-file-system.ts";
import type { Guest } from "./guest/guest.ts";
import {
  type DiskDevice,
  diskBackend,
  diskDeviceId,
  diskFrontend,
  diskNodeName,
  hotplugPortCount,
} from "./qemu/command-line.ts";
import type { QmpClient } from "./qemu/qmp-client.ts";
import { SerialQueue } from "./serial-queue.ts";

const serialLength = 20;
const plugTimeoutMs = 10_000;
const deviceIdPrefix = diskDeviceId("");
const portPrefix = "hotplug";

/** The device for an image's disk. Its serial follows from the path, so that it needs no record. */
export function diskDevice(path: string): DiskDevice {
  return { path, serial: createHash("sha256").update(path).digest("hex").slice(0, serialLength) };
}

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
   * Makes a disk usable in the guest and resolves with its id there. Where no port is free it unplugs a disk that is
   * not in `usedPaths`. Throws {@link RuntimeError} `create-failed`, or what QEMU and the guest say.
   */
  mount(path: string, usedPaths: () => readonly string[]): Promise<string> {
    return this.#queue.run(async () => {
      const disk = diskDevice(path);
      if (this.#mounted.has(disk.serial)) return disk.serial;
      const fileSystem = await diskFileSystem(path);
      const plugged = await this.#plugged();
      if (!plugged.has(disk.serial)) await this.#plug(disk, plugged, usedPaths());
      await this.#guest.mountDisk(disk.serial, disk.serial, fileSystem, plugTimeoutMs);
      this.#mounted.add(disk.serial);
      return disk.serial;
    });
  }

  async #plug(
    disk: DiskDevice,
    plugged: ReadonlyMap<string, string>,
    usedPaths: readonly string[],
  ): Promise<void> {
    const port = freePort(plugged) ?? (await this.#freeSomePort(plugged, usedPaths));
    await this.#qmp.execute("blockdev-add", diskBackend(disk));
    try {
      await this.#qmp.execute("device_add", diskFrontend(disk, port));
    } catch (error) {
      await this.#qmp.execute("blockdev-del", { "node-name": diskNodeName(disk.serial) });
      throw error;
    }
  }

  async #freeSomePort(plugged: ReadonlyMap<string, string>, usedPaths: readonly string[]): Promise<string> {
    const used = new Set(usedPaths.map((path) => diskDevice(path).serial));
    for (const [serial, bus] of plugged) {
      if (!bus.startsWith(portPrefix) || used.has(serial)) continue;
      await this.#unplug(serial);
      return bus;
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

  /** The bus of each disk in the machine, by serial. */
  async #plugged(): Promise<Map<string, string>> {
    const entries = await this.#qmp.execute("qom-list", { path: "/machine/peripheral" });
    const ids = (Array.isArray(entries) ? entries : []).map((entry) => String(Object(entry).name));
    const disks = ids.filter((id) => id.startsWith(deviceIdPrefix));
    const buses = disks.map(async (id): Promise<[string, string]> => {
      const args = { path: `/machine/peripheral/${id}`, property: "parent_bus" };
      const bus = String(await this.#qmp.execute("qom-get", args));
      return [id.slice(deviceIdPrefix.length), bus.slice(bus.lastIndexOf("/") + 1)];
    });
    return new Map(await Promise.all(buses));
  }
}

function freePort(plugged: ReadonlyMap<string, string>): string | undefined {
  const taken = new Set(plugged.values());
  const ports = Array.from({ length: hotplugPortCount }, (_, port) => `${portPrefix}${port}`);
  return ports.find((port) => !taken.has(port));
}
