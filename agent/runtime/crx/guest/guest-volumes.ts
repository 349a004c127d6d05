import { messageOf } from "../../../../supervisor/base/errors.ts";
import { RuntimeError, type SandboxVolume } from "../../runtime.ts";
import { type ControlClient, GuestError } from "../channel/control-client.ts";
import { type FieldReader, FieldWriter } from "../channel/fields.ts";
import { errorKind, frameType, tag } from "../channel/protocol.ts";
import { volumeRequests } from "./volume-requests.ts";

/** A guest's volumes, and which version of its contents each has. */
export class GuestVolumes {
  readonly #control: ControlClient;
  readonly #timeoutMs: number;
  /** The version of each volume that is there; the empty text where it is not known. */
  readonly #versions = new Map<string, string>();

  constructor(control: ControlClient, timeoutMs: number) {
    this.#control = control;
    this.#timeoutMs = timeoutMs;
  }

  /** What a guest that is taken over says it has. */
  found(volumes: readonly FieldReader[]): void {
    for (const volume of volumes) {
      this.#versions.set(volume.text(tag.mountSource) ?? "", volume.text(tag.volumeVersion) ?? "");
    }
  }

  /** Makes a volume, or brings one that has another version to this one, one request after another. */
  async write(volume: SandboxVolume): Promise<void> {
    const { name, version } = volume;
    if (this.#versions.get(name) === undefined && (await this.#make(volume))) return;
    if (version !== undefined && this.#versions.get(name) !== version) await this.#update(volume, version);
  }

  /** Throws {@link RuntimeError} `invalid` for a path that leads out of the volume. */
  async prepareSubPath(volume: string, subPath: string): Promise<void> {
    const fields = new FieldWriter().text(tag.mountSource, volume).text(tag.mountSubPath, subPath);
    try {
      await this.#control.request({ type: frameType.prepareSubPath, fields }, () => {});
    } catch (error) {
      if (!isError(error, errorKind.invalid)) throw error;
      throw new RuntimeError("invalid", messageOf(error), { cause: error });
    }
  }

  /** The bytes of a small file; undefined where there is none. Throws as {@link prepareSubPath}. */
  async readFile(volume: string, path: string): Promise<Buffer | undefined> {
    const fields = new FieldWriter().text(tag.mountSource, volume).text(tag.mountSubPath, path);
    try {
      const request = { type: frameType.readFile, fields };
      return await this.#control.request(request, (answer) => answer.bytes(tag.content) ?? Buffer.alloc(0));
    } catch (error) {
      if (isError(error, errorKind.notFound)) return undefined;
      if (!isError(error, errorKind.invalid)) throw error;
      throw new RuntimeError("invalid", messageOf(error), { cause: error });
    }
  }

  /** False where the guest has the volume already. */
  async #make(volume: SandboxVolume): Promise<boolean> {
    try {
      await this.#send(frameType.writeVolume, volume);
    } catch (error) {
      if (!isError(error, errorKind.exists)) throw error;
      this.#versions.set(volume.name, "");
      return false;
    }
    this.#versions.set(volume.name, volume.version ?? "");
    return true;
  }

  /** A guest older than the request keeps what it has. */
  async #update(volume: SandboxVolume, version: string): Promise<void> {
    this.#versions.set(volume.name, "");
    try {
      await this.#send(frameType.updateVolume, volume);
    } catch (error) {
      if (!isError(error, errorKind.unsupported)) throw error;
    }
    this.#versions.set(volume.name, version);
  }

  async #send(type: number, volume: SandboxVolume): Promise<void> {
    for (const fields of volumeRequests(volume)) {
      await this.#control.request({ type, fields, timeoutMs: this.#timeoutMs }, () => {});
    }
  }
}

function isError(error: unknown, kind: number): boolean {
  return error instanceof GuestError && error.kind === kind;
}
