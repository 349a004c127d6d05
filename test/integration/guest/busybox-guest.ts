import { frameType, tag } from "../../../agent/runtime/crx/channel/protocol.ts";
import { busyboxDisk, missingForMachines, temporaryFolder } from "../crx/fixtures.ts";
import type { Fill, GuestSession } from "./guest-session.ts";
import { builtImages, Machine } from "./machine.ts";

/** A machine whose containers have busybox's tools as their image. */
export class BusyboxGuest {
  /** Why there can be no machine here; empty where there can. */
  readonly missing = missingForMachines();
  readonly #folder = temporaryFolder();
  #machine: Machine | undefined;
  #session: GuestSession | undefined;
  #containers = 0;

  async start(): Promise<GuestSession> {
    const images = builtImages();
    if (!images) throw new Error("The guest image is not built: run ./install.sh build");
    this.#machine = new Machine({
      images,
      disks: [{ path: busyboxDisk(this.#folder.path), serial: "disk0" }],
    });
    const session = await this.#machine.session();
    this.#session = session;
    await session.request(frameType.mountDisk, (fields) =>
      fields.text(tag.disk, "image").text(tag.diskSerial, "disk0").text(tag.fileSystem, "squashfs"),
    );
    return session;
  }

  async end(): Promise<void> {
    this.#session?.close();
    await this.#machine?.end();
    this.#folder.remove();
  }

  get machine(): Machine {
    if (!this.#machine) throw new Error("The machine has not started");
    return this.#machine;
  }

  /** The name of the container that `output` used last, or `nextContainer` gave. */
  get lastContainer(): string {
    return `c${this.#containers}`;
  }

  nextContainer(): string {
    this.#containers += 1;
    return this.lastContainer;
  }

  /** Standard output of a script in a container of its own. */
  readonly output = async (script: string, fill?: Fill): Promise<string> => {
    if (!this.#session) throw new Error("The guest has not started");
    const outcome = await this.#session.run(this.nextContainer(), ["sh", "-c", script], fill);
    return outcome.stdout.trim();
  };
}
