import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { asError } from "../../../supervisor/base/errors.ts";
import { killProcess, type ProcessIdentity } from "../../../supervisor/base/process-identity.ts";
import { SerialQueue } from "../../../supervisor/base/serial-queue.ts";
import type { MountedVolume } from "../mounted-volume.ts";
import type { PodSandboxStats } from "../pod-sandbox-stats.ts";
import {
  type ContainerConfig,
  type PodSandboxConfig,
  type PodSandboxStatus,
  type PodSandboxUpdate,
  RuntimeError,
} from "../runtime.ts";
import type { ExecOptions, StreamSession } from "../stream-session.ts";
import { BlockVolumes } from "./block-volumes.ts";
import { unitName } from "./boot-machine.ts";
import { Container, type ContainerPlace, containerRecordName, type MachineEnding } from "./container.ts";
import { isContainerRecord, isSameContainer } from "./container-record.ts";
import { diskPathsOf } from "./disk-paths.ts";
import { startFileServer } from "./file-server.ts";
import type { ContainerExited, Guest } from "./guest/guest.ts";
import { ImageDisks } from "./image-disks.ts";
import { wasOutOfMemory } from "./jail/out-of-memory.ts";
import { lossOf, Machine, type MachineLoss } from "./machine.ts";
import type { MachineStarter } from "./machine-starter.ts";
import { MachineGrowth } from "./memory/machine-growth.ts";
import { attachPodDisk } from "./pod-disk/attach-pod-disk.ts";
import type { PooledMachine } from "./pool/pooled-machine.ts";
import { readRecord, writeRecord } from "./record-file.ts";
import type { RuntimeContext } from "./runtime-context.ts";
import { isSandboxRecord, type SandboxRecord } from "./sandbox-record.ts";
import type { SandboxStart } from "./sandbox-start.ts";
import { sandboxStats } from "./sandbox-stats.ts";
import { sandboxStatus } from "./sandbox-status.ts";
import { execSession } from "./streams/exec-session.ts";
import { ForwardedConnection } from "./streams/forwarded-connection.ts";
import { takeOverContainers } from "./take-over-containers.ts";
import { takeOverDeadline } from "./take-over-deadline.ts";
import { endSnapshots } from "./volume-snapshot.ts";
import { within } from "./within.ts";

const recordName = "sandbox.json";
/** How long a stopped sandbox waits for the last output of containers that were killed with it. */
const killDrainMs = 2000;

/** One Pod's machine with its containers, and the folder that they are found again from. */
export class Sandbox {
  readonly #context: RuntimeContext;
  readonly #directory: string;
  readonly #containers = new Map<string, Container>();
  readonly #creations = new SerialQueue();
  #record: SandboxRecord;
  #machine: Machine | undefined;
  #disks: ImageDisks | undefined;
  #blockVolumes: BlockVolumes | undefined;
  #growth: MachineGrowth | undefined;

  private constructor(context: RuntimeContext, directory: string, record: SandboxRecord) {
    this.#context = context;
    this.#directory = directory;
    this.#record = record;
  }

  /** Starts a new sandbox in a new folder, or in that of a machine of the pool. When it throws, nothing is left. */
  static async start(
    context: RuntimeContext,
    { starter, folder, spare }: SandboxStart,
    config: PodSandboxConfig,
    signal: AbortSignal,
  ): Promise<Sandbox> {
    const { id, user } = spare ?? { id: randomBytes(16).toString("hex"), user: context.users.allocate() };
    const createdAt = new Date(context.clock.now()).toISOString();
    const record = { version: 1, id, config, createdAt, phase: "creating", user } as const;
    const sandbox = new Sandbox(context, join(folder, id), record);
    try {
      context.podDisks.hold(config.metadata.uid, id);
      await sandbox.#start(starter, spare, signal);
      return sandbox;
    } catch (error) {
      await spare?.machine.destroy();
      await sandbox.#forget();
      throw error;
    }
  }

  /** Reads a sandbox that an earlier daemon left; undefined when it was never ready. Nothing is connected yet. */
  static async load(context: RuntimeContext, directory: string): Promise<Sandbox | undefined> {
    const record = await readRecord(join(directory, recordName));
    if (!isSandboxRecord(record) || record.phase === "creating") return undefined;
    const sandbox = new Sandbox(context, directory, record);
    if (record.user !== undefined) context.users.adopt(record.user);
    context.podDisks.hold(record.config.metadata.uid, record.id);
    for (const id of await readdir(sandbox.#containersFolder).catch(() => [])) {
      const place = sandbox.#place(id);
      const container = await readRecord(join(place.directory, containerRecordName));
      if (isContainerRecord(container) && container.state !== "creating") {
        sandbox.#containers.set(id, new Container(context, place, container));
      } else {
        await rm(place.directory, { recursive: true, force: true });
      }
    }
    return sandbox;
  }

  get id(): string {
    return this.#record.id;
  }

  get containers(): ReadonlyMap<string, Container> {
    return this.#containers;
  }

  get isReady(): boolean {
    return this.#record.phase === "ready";
  }

  /** The process of its QEMU, while it should run. */
  get process(): SandboxRecord["process"] {
    return this.isReady ? this.#record.process : undefined;
  }

  get status(): PodSandboxStatus {
    return sandboxStatus(this.#record);
  }

  /** Connects to the machine again and catches up with what happened meanwhile. Never rejects for a machine's sake. */
  async takeOver(signal: AbortSignal): Promise<void> {
    const { process } = this.#record;
    if (!this.isReady || !process) {
      if (process) await killProcess(process);
      await this.#endContainers("Error", "The sandbox was stopped");
      return;
    }
    const deadline = takeOverDeadline(this.#context, this.id, signal);
    try {
      const [machine] = await Machine.takeOver(this.#directory, process, deadline);
      this.#connected(machine);
      await takeOverContainers(machine.guest, this.#containers, this.#context.clock, deadline.signal);
      await endSnapshots(machine.qmp);
      this.#listen(machine);
      if (this.#containers.values().some(({ record }) => record.startedAt)) this.#growth?.started();
    } catch (error) {
      signal.throwIfAborted();
      const isGone = error instanceof RuntimeError && error.kind === "sandbox-gone";
      const loss = isGone && this.#machine ? await this.#machine.lost : lossOf(error);
      this.#machine?.release();
      await killProcess(process);
      await this.#lost(loss);
    } finally {
      deadline.stop();
    }
  }

  /** Makes a container, or finds the one that has this name and attempt already. */
  createContainer(config: ContainerConfig): Promise<Container> {
    return this.#creations.run(async () => {
      const existing = this.#containers.values().find(({ record }) => isSameContainer(record.config, config));
      if (existing) return existing;
      const [machine, disks] = [this.#needMachine(), this.#disks];
      if (!disks) throw this.#gone();
      const id = randomBytes(16).toString("hex");
      const createdAt = new Date(this.#context.clock.now()).toISOString();
      const record = { version: 1, id, config, createdAt, state: "creating" } as const;
      const container = new Container(this.#context, this.#place(id), record);
      const mount = (path: string): Promise<string> =>
        disks.mount(path, () => [...this.#usedDisks(), ...diskPathsOf(config)]);
      await container.create(machine.guest, mount);
      this.#containers.set(id, container);
      return container;
    });
  }

  async stats(): Promise<PodSandboxStats> {
    return await sandboxStats(this.guest, this.#record.config, () => this.#context.clock.now());
  }

  /** Throws {@link RuntimeError} `sandbox-gone` where there is none any more. */
  get guest(): Guest {
    return this.#needMachine().guest;
  }

  /** Throws as {@link guest}. */
  get blockVolumes(): BlockVolumes {
    if (!this.#machine || !this.#blockVolumes) throw this.#gone();
    return this.#blockVolumes;
  }

  async mountVolumes(volumes: readonly MountedVolume[]): Promise<void> {
    const { guest } = this.#needMachine();
    for (const volume of volumes) if (volume.kind === "block") await this.blockVolumes.mount(volume);
    const shares = volumes.filter((volume) => volume.kind === "host");
    if (shares.length > 0) {
      const place = { sandboxId: this.id, directory: this.#directory, known: this.#record.fileServer };
      const { identity, failed } = await startFileServer(this.#context, place, shares);
      await this.#change({ fileServer: identity });
      await Promise.race([guest.mountVolumes(shares), failed]);
    }
    await guest.mountVolumes(volumes.filter((volume) => volume.kind === "nfs"));
  }

  async removeContainer(container: Container): Promise<void> {
    const guest = this.#machine?.guest;
    if (guest) await container.removeFrom(guest);
    await container.remove();
    this.#containers.delete(container.record.id);
  }

  async startContainer(container: Container): Promise<void> {
    await container.start();
    this.#growth?.started();
    this.#machine?.trimLater(this.#context.clock);
  }

  async update(size: PodSandboxUpdate): Promise<void> {
    const { guest } = this.#needMachine();
    await this.#growth?.update(size);
    await guest.updatePod(size.resources ?? { cpuMillis: 0, cpuWeight: size.cpuWeight, memoryBytes: 0 });
    await this.#change({ size });
  }

  async exec(container: Container, options: ExecOptions): Promise<StreamSession> {
    const { guest } = this.#needMachine();
    if (container.record.state !== "running") {
      throw new RuntimeError("invalid", `Container ${container.record.id} is not running`);
    }
    return execSession(guest, await guest.exec(container.record.id, options), options);
  }

  async portForward(port: number): Promise<ForwardedConnection> {
    const { guest } = this.#needMachine();
    const { stdin, stdout } = await guest.connect(port);
    if (stdin === undefined || stdout === undefined)
      throw new Error("The guest gave a connection without streams");
    return new ForwardedConnection(guest.streams, stdin, stdout);
  }

  /** Ends all containers and the machine; the records stay. */
  async stop(): Promise<void> {
    const machine = this.#machine;
    if (!machine) return;
    const containers = [...this.#containers.values()];
    await Promise.all(containers.map((container) => container.kill(machine.guest).catch(() => {})));
    const running = containers.filter((container) => container.record.state === "running");
    await within(this.#context.clock, Promise.all(running.map((container) => container.exited)), killDrainMs);
    await machine.destroy();
    this.#machine = undefined;
    await this.#end({});
    await this.#endContainers("Error", "The sandbox was stopped");
  }

  /** Stops the sandbox and removes all that is kept of it, except logs. */
  async remove(): Promise<void> {
    await this.stop();
    await Promise.all([...this.#containers.values()].map((container) => container.remove()));
    await this.#forget();
  }

  /** Lets go of the machine without touching it. */
  async release(): Promise<void> {
    this.#machine?.release();
    await Promise.all([...this.#containers.values()].map((container) => container.release()));
  }

  /** Ends the record; the process is gone, so another machine may have its user. */
  async #forget(): Promise<void> {
    // It ends by itself when its machine has; its folder must not go before.
    if (this.#record.fileServer) await killProcess(this.#record.fileServer);
    await rm(this.#directory, { recursive: true, force: true });
    await this.#context.cgroups.remove(this.id);
    if (this.#record.user !== undefined) this.#context.users.release(this.#record.user);
    await this.#context.podDisks.release(this.#record.config.metadata.uid, this.id);
  }

  async #start(
    starter: MachineStarter,
    spare: PooledMachine | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { id, config, user } = this.#record;
    if (user === undefined) throw new Error("A sandbox is started with a user");
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await this.#change({});
    const record = (process: ProcessIdentity): Promise<void> => this.#change({ process });
    const { machine, ...started } = await starter.start(
      { id, user, directory: this.#directory, config, record, ...(spare && { spare }) },
      signal,
    );
    try {
      this.#record = { ...this.#record, ...started };
      this.#connected(machine);
      this.#disks?.insert(config.imageDiskPaths ?? []);
      const storageProblem = await attachPodDisk(this.#context.podDisks, {
        uid: config.metadata.uid,
        sandboxId: id,
        machine,
        start: started.start,
      });
      await this.#change({ phase: "ready", ...(storageProblem && { storageProblem }) });
      this.#listen(machine);
    } catch (error) {
      await machine.destroy();
      throw error;
    }
  }

  #connected(machine: Machine): void {
    this.#machine = machine;
    this.#disks = new ImageDisks(machine.qmp, machine.guest);
    this.#blockVolumes = new BlockVolumes(machine);
    const growth = new MachineGrowth(this.#context, this.#record, machine, this.#warn.bind(this));
    machine.guest.onMemoryWished((event) => void growth.wished(event));
    this.#growth = growth;
  }

  /** Follows what the guest and the machine do by themselves. */
  #listen(machine: Machine): void {
    machine.guest.onContainerExited((event) => void this.#containerExited(event));
    machine.lost.then((loss) => this.#lost(loss));
    machine.watch(this.#context.clock, this.#context.pulse);
  }

  /** The guest repeats the event until it is acknowledged, which happens when the exit is recorded. */
  async #containerExited({ containerId, exit, acknowledge }: ContainerExited): Promise<void> {
    const container = this.#containers.get(containerId);
    const isRecorded = container ? await container.exit(exit) : true;
    if (isRecorded) acknowledge();
  }

  async #lost(loss: MachineLoss): Promise<void> {
    const isOutOfMemory = loss.reason === "QemuExited" && wasOutOfMemory([this.id, unitName(this.id)]);
    const reason = isOutOfMemory ? "QemuOutOfMemory" : loss.reason;
    const message = isOutOfMemory ? "QEMU took more memory than its limit on the host" : loss.message;
    this.#machine = undefined;
    this.#record = { ...this.#record, reason, message };
    this.#context.logger.warn("Sandbox lost its machine", { sandbox: this.id, reason, message });
    try {
      await this.#endContainers(isOutOfMemory ? "OOMKilled" : "ContainerStatusUnknown", message);
      await this.#end({ reason, message });
    } catch (error) {
      this.#warn("End of a sandbox not recorded", error);
    }
  }

  async #end(why: { readonly reason?: string; readonly message?: string }): Promise<void> {
    if (this.#record.phase === "ended") return;
    try {
      await this.#change({ ...why, phase: "ended" });
    } finally {
      this.#context.emit({ type: "sandbox-not-ready", sandboxId: this.id });
    }
  }

  async #endContainers(reason: MachineEnding, message: string): Promise<void> {
    const running = [...this.#containers.values()].filter(({ record }) => record.state !== "exited");
    await Promise.all(running.map((container) => container.machineEnded(reason, message)));
  }

  async #change(change: Partial<SandboxRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    await writeRecord(join(this.#directory, recordName), this.#record);
  }

  #usedDisks(): string[] {
    return [...this.#containers.values()].flatMap(({ record }) => diskPathsOf(record.config));
  }

  #place(containerId: string): ContainerPlace {
    return {
      sandboxId: this.id,
      directory: join(this.#containersFolder, containerId),
      logDirectory: this.#record.config.logDirectory,
    };
  }

  get #containersFolder(): string {
    return join(this.#directory, "containers");
  }

  #needMachine(): Machine {
    if (!this.#machine) throw this.#gone();
    return this.#machine;
  }

  #gone(): RuntimeError {
    const text = `Sandbox ${this.id} has no machine: ${this.#record.message ?? "stopped"}`;
    return new RuntimeError("sandbox-gone", text);
  }

  #warn(message: string, error: unknown): void {
    this.#context.logger.warn(message, { sandbox: this.id, error: asError(error) });
  }
}
