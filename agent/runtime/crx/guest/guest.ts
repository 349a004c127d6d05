import type { Socket } from "node:net";
import type { HostVolume, NfsVolume } from "../../mounted-volume.ts";
import type { ContainerConfig, ContainerResources, SandboxVolume } from "../../runtime.ts";
import type { ExecOptions } from "../../stream-session.ts";
import { Channel, type GuestHello } from "../channel/channel.ts";
import { ControlClient, GuestError, type GuestEvent } from "../channel/control-client.ts";
import { type FieldReader, FieldWriter } from "../channel/fields.ts";
import { diskUse, frameType, ProtocolError, tag } from "../channel/protocol.ts";
import { StreamMultiplexer } from "../channel/stream-multiplexer.ts";
import type { Patience } from "../patience.ts";
import { podDiskName } from "../qemu/command-line.ts";
import { containerRequest, execRequest } from "./container-request.ts";
import {
  type ContainerExit,
  type ContainerStart,
  type GuestContainer,
  readContainerExit,
  readContainerStart,
  readGuestContainer,
  readTimeMs,
} from "./container-state.ts";
import { type ExecExit, ExecExits } from "./exec-exits.ts";
import { GuestBlockVolumes } from "./guest-block-volumes.ts";
import { type GuestStats, readGuestStats } from "./guest-stats.ts";
import { GuestVolumes } from "./guest-volumes.ts";
import { type MemoryWished, readMemoryWish } from "./memory-wish.ts";
import { writeResources } from "./resource-fields.ts";
import { readStreamIds, type StreamIds } from "./stream-ids.ts";
import { mountVolumeRequest } from "./volume-requests.ts";

/** All that a guest has, for a daemon that takes it over. */
export interface GuestList {
  readonly containers: readonly GuestContainer[];
  readonly execIds: readonly number[];
  readonly streamIds: readonly number[];
}

/** A container has ended; told again after every hello until `acknowledge` is called. */
export interface ContainerExited {
  readonly containerId: string;
  readonly exit: ContainerExit;
  acknowledge(): void;
}

/** A process beside a container's own. */
export interface GuestExec {
  readonly execId: number;
  readonly streams: StreamIds;
  /** Resolves when the process has ended; rejects when its machine is gone. */
  readonly exit: Promise<ExecExit>;
}

/** A container's or a process's name in a request. */
export type SignalTarget = { readonly containerId: string } | { readonly execId: number };

const maxUnreadControlBytes = 8 << 20;
const maxUnreadStreamBytes = 32 << 20;
const maxHeldEvents = 1024;
/** Starts and disks may have to wait for devices and for a busy host. */
const slowRequestMs = 60_000;
/** How long a guest waits for a disk that is being plugged in. */
const plugTimeoutMs = 10_000;

/** A guest's PID 1: its two ports, with the requests of the guest protocol as methods. */
export class Guest {
  readonly streams: StreamMultiplexer;
  readonly blockVolumes: GuestBlockVolumes;
  readonly #channels: readonly Channel[];
  readonly #control: ControlClient;
  readonly #volumes: GuestVolumes;
  readonly #execExits = new ExecExits();
  readonly #onEnd: (error: Error) => void;
  #heldExits: ContainerExited[] | undefined = [];
  #onContainerExited: (event: ContainerExited) => void = () => {};
  #onMemoryWished: (event: MemoryWished) => void = () => {};
  #isWishing = false;

  /**
   * `onEnd` is called once when the guest is lost: with a {@link ProtocolError} when it broke the protocol. `patience`
   * is how its answers are waited for; by the clock by default.
   */
  constructor(
    controlSocket: Socket,
    streamsSocket: Socket,
    onEnd: (error: Error) => void,
    patience?: Patience,
  ) {
    this.#onEnd = onEnd;
    const control = new Channel(controlSocket, maxUnreadControlBytes, {
      onFrame: (frame) => this.#control.receive(frame),
      onEnd: (error) => this.#end(error),
    });
    const streams = new Channel(streamsSocket, maxUnreadStreamBytes, {
      onFrame: (frame) => this.streams.receive(frame),
      onEnd: (error) => this.#end(error),
    });
    this.#channels = [control, streams];
    this.#control = new ControlClient(control, (event) => this.#event(event), patience);
    this.#volumes = new GuestVolumes(this.#control, slowRequestMs);
    this.blockVolumes = new GuestBlockVolumes(this.#control, slowRequestMs);
    this.streams = new StreamMultiplexer(streams);
  }

  /** Says hello on both ports. Rejects with the signal's reason or the channel's error. */
  async hello(signal: AbortSignal): Promise<GuestHello> {
    const [hello] = await Promise.all(this.#channels.map((channel) => channel.hello(signal)));
    if (!hello) throw new Error("A guest has two channels");
    return hello;
  }

  /** Passes on the exits of containers from now on, those that came before first. */
  onContainerExited(listener: (event: ContainerExited) => void): void {
    this.#onContainerExited = listener;
    const held = this.#heldExits ?? [];
    this.#heldExits = undefined;
    for (const event of held) listener(event);
  }

  /** Passes on what the guest wishes from now on; what it wished before waits for the next hello. */
  onMemoryWished(listener: (event: MemoryWished) => void): void {
    this.#onMemoryWished = listener;
  }

  configure(fields: FieldWriter): Promise<void> {
    return this.#control.request({ type: frameType.configure, fields }, nothing);
  }

  mountDisk(
    id: string,
    device: { readonly serial: string } | { readonly pci: string },
    fileSystem: string,
    deviceTimeoutMs: number,
  ): Promise<void> {
    const fields = new FieldWriter().text(tag.disk, id);
    if ("pci" in device) fields.text(tag.diskPci, device.pci);
    else fields.text(tag.diskSerial, device.serial);
    fields.text(tag.fileSystem, fileSystem).u32(tag.timeout, deviceTimeoutMs);
    return this.#control.request({ type: frameType.mountDisk, fields, timeoutMs: slowRequestMs }, nothing);
  }

  /** The disk of the Pod, which from now on has the containers' files and the volumes that are to be on a disk. */
  mountPodDisk(): Promise<void> {
    const fields = new FieldWriter().text(tag.disk, podDiskName).u32(tag.diskUse, diskUse.pod);
    fields.text(tag.diskSerial, podDiskName).text(tag.fileSystem, "ext4").u32(tag.timeout, plugTimeoutMs);
    return this.#control.request({ type: frameType.mountDisk, fields, timeoutMs: slowRequestMs }, nothing);
  }

  /** Before anything of the Pod is on it. */
  unmountPodDisk(): Promise<void> {
    return this.unmountDisk(podDiskName);
  }

  unmountDisk(id: string): Promise<void> {
    const fields = new FieldWriter().text(tag.disk, id);
    return this.#control.request({ type: frameType.unmountDisk, fields }, nothing);
  }

  /** Brings a volume to its contents. Called for one volume at a time. */
  writeVolume(volume: SandboxVolume): Promise<void> {
    return this.#volumes.write(volume);
  }

  /** Mounts what others serve, one after another; one that is mounted stays as it is. Waits for the servers. */
  async mountVolumes(volumes: ReadonlyArray<HostVolume | NfsVolume>): Promise<void> {
    for (const fields of volumes.map(mountVolumeRequest)) {
      await this.#control.request({ type: frameType.mountVolume, fields, timeoutMs: slowRequestMs }, nothing);
    }
  }

  prepareSubPath(volume: string, subPath: string): Promise<void> {
    return this.#volumes.prepareSubPath(volume, subPath);
  }

  readFile(volume: string, path: string): Promise<Buffer | undefined> {
    return this.#volumes.readFile(volume, path);
  }

  /** Resolves with the time on the guest's clock, which an older guest does not tell. Any answer shows that it is there. */
  async ping(timeoutMs: number): Promise<number | undefined> {
    const request = { type: frameType.ping, timeoutMs, isUrgent: true, isStrict: true };
    try {
      return await this.#control.request(request, (answer) => readTimeMs(answer, tag.clock));
    } catch (error) {
      if (error instanceof GuestError) return undefined;
      throw error;
    }
  }

  setClock(nowMs: number): Promise<void> {
    return this.configure(new FieldWriter().u64(tag.clock, BigInt(nowMs) * 1_000_000n));
  }

  stats(): Promise<GuestStats> {
    return this.#control.request({ type: frameType.stats, fields: new FieldWriter() }, readGuestStats);
  }

  createContainer(id: string, diskId: string, config: ContainerConfig): Promise<StreamIds> {
    const fields = containerRequest(id, diskId, config);
    return this.#control.request({ type: frameType.createContainer, fields }, readStreamIds);
  }

  startContainer(id: string): Promise<ContainerStart> {
    const fields = new FieldWriter().text(tag.container, id);
    return this.#control.request(
      { type: frameType.startContainer, fields, timeoutMs: slowRequestMs },
      readContainerStart,
    );
  }

  removeContainer(id: string): Promise<void> {
    const fields = new FieldWriter().text(tag.container, id);
    return this.#control.request({ type: frameType.removeContainer, fields }, nothing);
  }

  /** Sets what the container's control group gets; running processes meet it at once. */
  updateContainer(id: string, resources: ContainerResources): Promise<void> {
    const fields = writeResources(new FieldWriter().text(tag.container, id), resources);
    return this.#control.request({ type: frameType.updateContainer, fields }, nothing);
  }

  /** Sets what all containers together get. */
  updatePod(resources: ContainerResources): Promise<void> {
    const group = writeResources(new FieldWriter(), resources);
    return this.configure(new FieldWriter().group(tag.podResources, group));
  }

  /** From now on the guest says when its containers need more memory than there is, and when less would do. */
  letGrow(): Promise<void> {
    return this.configure(new FieldWriter().u32(tag.memoryGrowth, 1));
  }

  signal(target: SignalTarget, signalNumber: number, everyProcess = false): Promise<void> {
    const fields = targetFields(target).u32(tag.signalNumber, signalNumber);
    if (everyProcess) fields.u32(tag.everyProcess, 1);
    return this.#control.request({ type: frameType.signal, fields }, nothing);
  }

  resize(target: SignalTarget, columns: number, rows: number): Promise<void> {
    const fields = targetFields(target).u32(tag.columns, columns).u32(tag.rows, rows);
    return this.#control.request({ type: frameType.resize, fields }, nothing);
  }

  exec(containerId: string, options: ExecOptions): Promise<GuestExec> {
    const fields = execRequest(containerId, options);
    return this.#control.request({ type: frameType.exec, fields, timeoutMs: slowRequestMs }, (answer) => {
      const execId = answer.needU32(tag.execId);
      return { execId, streams: readStreamIds(answer), exit: this.#execExits.claim(execId) };
    });
  }

  /** Opens a connection to a port on the guest's loopback; data go to `stdin` and come from `stdout`. */
  connect(port: number): Promise<StreamIds> {
    const fields = new FieldWriter().u32(tag.port, port);
    return this.#control.request({ type: frameType.connect, fields }, readStreamIds);
  }

  list(): Promise<GuestList> {
    return this.#control.request({ type: frameType.list }, (answer) => {
      this.#volumes.found(answer.groups(tag.volumeGroup));
      return {
        containers: answer.groups(tag.containerGroup).map(readGuestContainer),
        execIds: answer.groups(tag.execGroup).map((group) => group.needU32(tag.execId)),
        streamIds: answer.groups(tag.streamGroup).map((group) => group.needU32(tag.stream)),
      };
    });
  }

  /** Lets go of the guest without touching it. */
  close(error: Error = new Error("The daemon let go of the machine")): void {
    for (const channel of this.#channels) channel.close();
    this.#control.end(error);
    this.streams.end(error);
    this.#execExits.end(error);
  }

  #end(error: Error): void {
    this.close(error);
    this.#onEnd(error);
  }

  #event({ type, fields, acknowledge }: GuestEvent): void {
    if (type === "memory-wish") {
      // One wish waits at a time, and is told once in a session.
      if (this.#isWishing) throw new ProtocolError("The guest wished for memory twice at once");
      this.#isWishing = true;
      const done = (): void => {
        this.#isWishing = false;
        acknowledge();
      };
      this.#onMemoryWished({ wish: readMemoryWish(fields), acknowledge: done });
      return;
    }
    if (type === "exec-exited") {
      this.#execExits.settle(fields.needU32(tag.execId), readExecExit(fields));
      acknowledge();
      return;
    }
    const event = {
      containerId: fields.text(tag.container) ?? "",
      exit: readContainerExit(fields),
      acknowledge,
    };
    if (!this.#heldExits) this.#onContainerExited(event);
    else if (this.#heldExits.push(event) > maxHeldEvents)
      throw new ProtocolError("The guest sent too many events");
  }
}

function readExecExit(fields: FieldReader): ExecExit {
  const signal = fields.u32(tag.exitSignal);
  const exitCode = fields.needU32(tag.exitCode) & 0xff;
  return signal ? { exitCode, signal } : { exitCode };
}

/** For answers that say only that a request was carried out. */
function nothing(): void {}

function targetFields(target: SignalTarget): FieldWriter {
  return "execId" in target
    ? new FieldWriter().u32(tag.execId, target.execId)
    : new FieldWriter().text(tag.container, target.containerId);
}
