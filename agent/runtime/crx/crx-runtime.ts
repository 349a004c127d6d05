import { createHash } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Duplex } from "node:stream";
import { systemClock } from "../../../supervisor/base/clock.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import { killProcess } from "../../../supervisor/base/process-identity.ts";
import type { BlockVolume, MountedVolume } from "../mounted-volume.ts";
import type { PodSandboxStats } from "../pod-sandbox-stats.ts";
import {
  type ContainerConfig,
  type ContainerStatus,
  type ContainerUpdate,
  type HostIsolation,
  type PodSandboxConfig,
  type PodSandboxMetadata,
  type PodSandboxStatus,
  type PodSandboxUpdate,
  type Runtime,
  RuntimeError,
  type RuntimeEvent,
  type SandboxVolume,
  type SnapshotTarget,
  type SpareMachine,
  type StartMode,
} from "../runtime.ts";
import type { ExecOptions, StreamSession } from "../stream-session.ts";
import { type Accelerator, chooseAccelerator } from "./accelerator.ts";
import type { Container } from "./container.ts";
import type { CrxRuntimeOptions } from "./crx-runtime-options.ts";
import { usualPulse } from "./guest/watch-guest.ts";
import type { Jail } from "./jail/jail.ts";
import { JailUsers } from "./jail/jail-users.ts";
import { MachineCgroups } from "./jail/machine-cgroups.ts";
import { openJail } from "./jail/open-jail.ts";
import { kvmSelfTest } from "./kvm-self-test.ts";
import { defaultLogLimits } from "./log/log-file.ts";
import { MachineSupply } from "./machine-supply.ts";
import { MemoryRoom } from "./memory/memory-room.ts";
import { PodDisks } from "./pod-disk/pod-disks.ts";
import { type PooledMachine, removePooledMachine } from "./pool/pooled-machine.ts";
import { takesCodeTrimmer } from "./qemu/code-trim.ts";
import { findMachines } from "./qemu/find-machines.ts";
import { findQemu } from "./qemu/find-qemu.ts";
import { managedBySystemd, spawnDetached } from "./qemu/spawn-qemu.ts";
import type { Emulator, RuntimeContext } from "./runtime-context.ts";
import { Sandbox } from "./sandbox.ts";
import { TakeOvers } from "./take-overs.ts";

const defaultBootTimeoutMs = 60_000;
const minMemoryBytes = 64 << 20;
const instanceLength = 8;
const notKnown = "Not known before the runtime has recovered";

/** Runs every Pod in a QEMU machine of its own. Only one runtime may use a data directory at a time. */
export class CrxRuntime implements Runtime {
  readonly #options: CrxRuntimeOptions;
  readonly #context: RuntimeContext;
  readonly #folder: string;
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  readonly #takeOvers: TakeOvers;
  #accelerator: Accelerator = { kind: "tcg", message: notKnown };
  #jail: Jail | undefined;
  #supply: MachineSupply | undefined;

  constructor(options: CrxRuntimeOptions) {
    this.#options = options;
    this.#takeOvers = new TakeOvers(options.logger);
    this.#folder = join(resolve(options.dataDir), "sandboxes");
    this.#context = {
      guestImage: options.guestImage,
      logLimits: options.logLimits ?? defaultLogLimits,
      bootTimeoutMs: options.bootTimeoutMs ?? defaultBootTimeoutMs,
      pulse: options.pulse ?? usualPulse,
      logger: options.logger,
      clock: options.clock ?? systemClock,
      podDisks: new PodDisks(join(resolve(options.dataDir), "pod-disks"), options.logger),
      users: new JailUsers(resolve(options.dataDir), options.jailUserBase),
      cgroups: new MachineCgroups({
        mount: "/sys/fs/cgroup",
        instance: createHash("sha256")
          .update(resolve(options.dataDir))
          .digest("hex")
          .slice(0, instanceLength),
        isRoot: process.getuid?.() === 0,
        hasSystemd: managedBySystemd(),
        clock: options.clock ?? systemClock,
        ...(options.measureCgroups && { measured: options.measureCgroups }),
      }),
      room: new MemoryRoom(options.clock ?? systemClock),
      spawn: options.spawn ?? spawnDetached,
      emit: (event) => this.#emit(event),
    };
  }

  accelerator(): Accelerator {
    return this.#accelerator;
  }

  isolation(): HostIsolation {
    const { areEnforced, message } = this.#context.cgroups;
    const { level, message: why } = this.#jail ?? { level: "none", message: notKnown };
    return { jail: { level, message: why }, limits: { areEnforced, message } };
  }

  startMode(): StartMode {
    return this.#supply?.startMode ?? { kind: "boot", message: notKnown };
  }

  /** Resolves when the template is made that `recover` began to make, or could not be. */
  async templateSettled(): Promise<void> {
    await this.#supply?.settled();
  }

  /** How many machines wait for sandboxes. */
  get spareCount(): number {
    return this.#supply?.spareCount ?? 0;
  }

  async takeSpareMachine(config: Omit<PodSandboxConfig, "network">): Promise<SpareMachine | undefined> {
    if (this.#ready(config)) return undefined;
    const spare = await this.#supply?.take(config);
    if (!spare) return undefined;
    const { tapName } = spare;
    let isOurs = true;
    return {
      ...(tapName !== undefined && { tapName }),
      run: (whole, signal) => {
        isOurs = false;
        return this.#start(whole, signal, spare);
      },
      discard: async () => {
        if (isOurs) await removePooledMachine(this.#context, spare);
        isOurs = false;
      },
    };
  }

  async endSpareMachines(): Promise<void> {
    await this.#supply?.endSpares();
  }

  async runPodSandbox(config: PodSandboxConfig, signal: AbortSignal): Promise<PodSandboxStatus> {
    return this.#ready(config)?.status ?? (await this.#start(config, signal));
  }

  async updatePodSandbox(sandboxId: string, update: PodSandboxUpdate): Promise<void> {
    await (await this.#sandbox(sandboxId)).update(update);
  }

  async stopPodSandbox(sandboxId: string): Promise<void> {
    await this.takenOver(sandboxId);
    await this.#sandboxes.get(sandboxId)?.stop();
  }

  async removePodSandbox(sandboxId: string): Promise<void> {
    await this.takenOver(sandboxId);
    await this.#sandboxes.get(sandboxId)?.remove();
    this.#sandboxes.delete(sandboxId);
  }

  podSandboxStatus(sandboxId: string): PodSandboxStatus | undefined {
    return this.#sandboxes.get(sandboxId)?.status;
  }

  listPodSandboxes(): readonly PodSandboxStatus[] {
    return [...this.#sandboxes.values()].map((sandbox) => sandbox.status);
  }

  async podSandboxStats(sandboxId: string): Promise<PodSandboxStats> {
    return await (await this.#sandbox(sandboxId)).stats();
  }

  async writeVolume(sandboxId: string, volume: SandboxVolume): Promise<void> {
    await creating(async () => (await this.#sandbox(sandboxId)).guest.writeVolume(volume));
  }

  async mountVolumes(sandboxId: string, volumes: readonly MountedVolume[]): Promise<void> {
    await creating(async () => (await this.#sandbox(sandboxId)).mountVolumes(volumes));
  }

  async expandVolume(sandboxId: string, volume: BlockVolume): Promise<void> {
    await creating(async () => (await this.#sandbox(sandboxId)).blockVolumes.expand(volume));
  }

  async snapshotVolume(sandboxId: string, volume: string, target: SnapshotTarget): Promise<void> {
    const snapshot = async () => (await this.#sandbox(sandboxId)).blockVolumes.snapshot(volume, target);
    await creating(snapshot, target.signal);
  }

  async readVolumeFile(sandboxId: string, volume: string, path: string): Promise<Buffer | undefined> {
    return await (await this.#sandbox(sandboxId)).guest.readFile(volume, path);
  }

  async prepareSubPath(sandboxId: string, volume: string, subPath: string): Promise<void> {
    await creating(async () => (await this.#sandbox(sandboxId)).guest.prepareSubPath(volume, subPath));
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const sandbox = await this.#sandbox(sandboxId);
    return (await this.#machines.aside(() => sandbox.createContainer(config))).record.id;
  }

  async updateContainer(containerId: string, update: ContainerUpdate): Promise<void> {
    const { container } = await this.#container(containerId);
    await container.update(update);
  }

  async startContainer(containerId: string): Promise<void> {
    const { sandbox, container } = await this.#container(containerId);
    await this.#machines.aside(() => sandbox.startContainer(container));
  }

  async stopContainer(containerId: string, timeoutMs: number): Promise<void> {
    const found = this.#find(containerId);
    if (found) await this.takenOver(found.sandbox.id);
    await found?.container.stop(timeoutMs);
  }

  async removeContainer(containerId: string): Promise<void> {
    const found = this.#find(containerId);
    if (found) await this.takenOver(found.sandbox.id);
    await found?.sandbox.removeContainer(found.container);
  }

  containerStatus(containerId: string): ContainerStatus | undefined {
    return this.#find(containerId)?.container.status;
  }

  listContainers(sandboxId?: string): readonly ContainerStatus[] {
    return [...this.#sandboxes.values()]
      .filter((sandbox) => sandboxId === undefined || sandbox.id === sandboxId)
      .flatMap((sandbox) => [...sandbox.containers.values()].map((container) => container.status));
  }

  async exec(containerId: string, options: ExecOptions): Promise<StreamSession> {
    const { sandbox, container } = await this.#container(containerId);
    return sandbox.exec(container, options);
  }

  async attach(containerId: string, options: Omit<ExecOptions, "command">): Promise<StreamSession> {
    const { container } = await this.#container(containerId);
    return container.attach(options);
  }

  async portForward(sandboxId: string, port: number): Promise<Duplex> {
    return (await this.#sandbox(sandboxId)).portForward(port);
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async recover(signal: AbortSignal): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const names = await readdir(this.#folder);
    const loaded = await Promise.all(
      names.map((name) => Sandbox.load(this.#context, join(this.#folder, name))),
    );
    const kept = loaded.filter((sandbox) => sandbox !== undefined);
    await this.#killOrphans(kept);
    const known = new Set(kept.map((sandbox) => sandbox.id));
    for (const name of names) {
      if (!known.has(name)) await rm(join(this.#folder, name), { recursive: true, force: true });
    }
    await this.#context.cgroups.open(known);
    await this.#context.podDisks.sweep();
    for (const sandbox of kept) this.#sandboxes.set(sandbox.id, sandbox);
    this.#takeOvers.begin(kept, signal);
    const [emulator] = await Promise.all([this.#chooseEmulator(), this.#context.podDisks.prepare()]);
    signal.throwIfAborted();
    this.#jail = emulator.jail;
    const { cloning } = this.#options;
    this.#supply = new MachineSupply({ context: this.#context, emulator, folder: this.#folder, cloning });
  }

  takenOver(sandboxId?: string): Promise<void> {
    return this.#takeOvers.done(sandboxId);
  }

  async close(): Promise<void> {
    await this.#takeOvers.stop();
    await this.#supply?.close();
    await Promise.all([...this.#sandboxes.values()].map((sandbox) => sandbox.release()));
    this.#listeners.clear();
  }

  /** Kills every QEMU that was started for a folder of ours and is not the process of a sandbox that is kept. */
  async #killOrphans(kept: readonly Sandbox[]): Promise<void> {
    const owned = new Set(kept.map(({ process }) => `${process?.pid} ${process?.startTime}`));
    for (const orphan of findMachines(this.#folder, (user) => this.#context.users.includes(user))) {
      if (owned.has(`${orphan.pid} ${orphan.startTime}`)) continue;
      this.#options.logger.warn("Killing a QEMU that belongs to no sandbox", { pid: orphan.pid });
      await killProcess(orphan);
    }
  }

  async #chooseEmulator(): Promise<Emulator> {
    const { accel, cloning, dataDir, guestImage, logger, searchPath } = this.#options;
    const qemu = await findQemu(searchPath);
    const { users } = this.#context;
    const jail =
      this.#options.jail ?? (await openJail({ dataDir, qemuPath: qemu.path, guestImage, users, logger }));
    this.#accelerator = await chooseAccelerator({
      choice: accel,
      dataDir,
      qemu,
      guestImageId: guestImage.id,
      logger,
      selfTest: () =>
        kvmSelfTest(this.#context, { qemu, jail, accelerator: "kvm", trimsCode: false }, this.#folder),
    });
    const accelerator = this.#accelerator.kind;
    // Machines that boot for a moment need none of it.
    const wantsTrims = accelerator === "tcg" && cloning !== undefined;
    const trimsCode = wantsTrims && (await takesCodeTrimmer(qemu.path, guestImage.codeTrimmerPath));
    return { qemu, jail, accelerator, trimsCode };
  }

  /** The sandbox that was asked for, where it runs already. */
  #ready({ metadata }: Pick<PodSandboxConfig, "metadata">): Sandbox | undefined {
    return this.#sandboxes
      .values()
      .find(({ isReady, status }) => isReady && isSame(status.metadata, metadata));
  }

  async #start(
    config: PodSandboxConfig,
    signal: AbortSignal,
    spare?: PooledMachine,
  ): Promise<PodSandboxStatus> {
    const machines = this.#machines;
    if (config.cpuCount < 1 || config.memoryBytes < minMemoryBytes) {
      const size = `${config.cpuCount} processors and ${config.memoryBytes} bytes of memory`;
      throw new RuntimeError(
        "invalid",
        `A machine of ${size} is too small, expected 1 and ${minMemoryBytes}`,
      );
    }
    try {
      const start = { starter: machines.starter, folder: this.#folder, spare };
      const begin = (): Promise<Sandbox> => Sandbox.start(this.#context, start, config, signal);
      const sandbox = await (spare ? machines.aside(begin) : machines.inTurn(begin, signal));
      this.#sandboxes.set(sandbox.id, sandbox);
      return sandbox.status;
    } catch (error) {
      throw asCreateFailure(error);
    }
  }

  get #machines(): MachineSupply {
    if (!this.#supply) throw new RuntimeError("create-failed", "The runtime has not recovered yet");
    return this.#supply;
  }

  #emit(event: RuntimeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** The sandbox, when it is known what became of its machine. */
  async #sandbox(sandboxId: string): Promise<Sandbox> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (!sandbox) throw new RuntimeError("not-found", `Sandbox ${sandboxId} does not exist`);
    await this.takenOver(sandboxId);
    return sandbox;
  }

  #find(containerId: string): { sandbox: Sandbox; container: Container } | undefined {
    for (const sandbox of this.#sandboxes.values()) {
      const container = sandbox.containers.get(containerId);
      if (container) return { sandbox, container };
    }
    return undefined;
  }

  async #container(containerId: string): Promise<{ sandbox: Sandbox; container: Container }> {
    const found = this.#find(containerId);
    if (!found) throw new RuntimeError("not-found", `Container ${containerId} does not exist`);
    await this.takenOver(found.sandbox.id);
    return found;
  }
}

function isSame(one: PodSandboxMetadata, other: PodSandboxMetadata): boolean {
  return one.uid === other.uid && one.attempt === other.attempt;
}

/** What fails is told as `create-failed`, unless it has a kind of its own or was called off. */
async function creating(use: () => Promise<void>, signal?: AbortSignal): Promise<void> {
  try {
    await use();
  } catch (error) {
    signal?.throwIfAborted();
    throw asCreateFailure(error);
  }
}

function asCreateFailure(error: unknown): RuntimeError {
  if (error instanceof RuntimeError && error.kind !== "sandbox-gone") return error;
  const message = messageOf(error);
  return new RuntimeError("create-failed", message, { cause: error });
}
