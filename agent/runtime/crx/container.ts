import { mkdir, rm } from "node:fs/promises";
import { constants } from "node:os";
import { join, normalize } from "node:path";
import { asError, messageOf } from "../../../supervisor/base/errors.ts";
import { SerialQueue } from "../../../supervisor/base/serial-queue.ts";
import { type ContainerStatus, type ContainerUpdate, RuntimeError } from "../runtime.ts";
import type { ExecOptions, StreamSession } from "../stream-session.ts";
import { GuestError } from "./channel/control-client.ts";
import type { OutboundStream } from "./channel/outbound-stream.ts";
import { errorKind } from "./channel/protocol.ts";
import type { ContainerRecord } from "./container-record.ts";
import { diskPathsOf } from "./disk-paths.ts";
import type { ContainerExit, ContainerStart } from "./guest/container-state.ts";
import type { Guest } from "./guest/guest.ts";
import type { StreamIds } from "./guest/stream-ids.ts";
import { ContainerLog } from "./log/container-log.ts";
import { drained } from "./log/drained.ts";
import { LogWriter } from "./log/log-writer.ts";
import { writeRecord } from "./record-file.ts";
import type { RuntimeContext } from "./runtime-context.ts";
import { signalNumber } from "./signal-number.ts";
import { attachSession } from "./streams/attach-session.ts";
import { within } from "./within.ts";

/** How long a guest may take to end a container that got SIGKILL. */
const killMs = 10_000;
const killedExitCode = 128 + constants.signals.SIGKILL;
const startErrorExitCode = 128;

/** By itself, because its QEMU had no memory left, or because it was stopped. */
export type MachineEnding = "ContainerStatusUnknown" | "OOMKilled" | "Error";

/** Where a container belongs. */
export interface ContainerPlace {
  readonly sandboxId: string;
  readonly directory: string;
  readonly logDirectory: string;
}

export const containerRecordName = "container.json";
const logPositionName = "log-position.json";

/** One container: its record, its log and its streams. Changes of its state happen one after another. */
export class Container {
  readonly #context: RuntimeContext;
  readonly #place: ContainerPlace;
  readonly #changes = new SerialQueue();
  readonly #exited = Promise.withResolvers<void>();
  #record: ContainerRecord;
  #isRecorded: boolean;
  #guest: Guest | undefined;
  #log: ContainerLog | undefined;
  #stdin: OutboundStream | undefined;

  constructor(context: RuntimeContext, place: ContainerPlace, record: ContainerRecord) {
    this.#context = context;
    this.#place = place;
    this.#record = record;
    this.#isRecorded = record.state === "exited";
    if (this.#isRecorded) this.#exited.resolve();
  }

  get record(): ContainerRecord {
    return this.#record;
  }

  get status(): ContainerStatus {
    const { id, config, createdAt, startedAt, finishedAt, state, version: _, ...ending } = this.#record;
    return {
      ...ending,
      id,
      sandboxId: this.#place.sandboxId,
      metadata: config.metadata,
      state: state === "creating" ? "created" : state,
      imageId: config.imageId,
      createdAt: new Date(createdAt),
      ...(startedAt ? { startedAt: new Date(startedAt) } : {}),
      ...(finishedAt ? { finishedAt: new Date(finishedAt) } : {}),
      labels: config.labels,
      annotations: config.annotations,
      logPath: config.logPath,
    };
  }

  /** Makes the container in the guest, with its disks mounted there. Throws {@link RuntimeError} `create-failed`. */
  async create(guest: Guest, mountDisk: (path: string) => Promise<string>): Promise<void> {
    signalNumber(this.#record.config.stopSignal);
    await mkdir(this.#place.directory, { recursive: true });
    try {
      await writeRecord(this.#recordPath, this.#record);
      const { id, config } = this.#record;
      const [rootDisk = ""] = await Promise.all(diskPathsOf(config).map(mountDisk));
      const streams = await guest.createContainer(id, rootDisk, config);
      await this.connect(guest, streams);
      await this.#change({ state: "created" });
    } catch (error) {
      await guest.removeContainer(this.#record.id).catch(() => {});
      await this.remove();
      throw failure("create-failed", error);
    }
  }

  /** Begins to carry the container's streams, from where they stand. */
  async connect(guest: Guest, ids: StreamIds): Promise<void> {
    const writer = await LogWriter.open({
      path: this.#logPath(),
      positionPath: join(this.#place.directory, logPositionName),
      limits: this.#context.logLimits,
      clock: this.#context.clock,
      logger: this.#context.logger,
    });
    const attached = (["stdout", "stderr"] as const).flatMap((name) => {
      const id = ids[name];
      return id === undefined ? [] : [[name, guest.streams.attachInbound(id, writer.offset(name))] as const];
    });
    this.#guest = guest;
    this.#log = new ContainerLog(this.#context.clock, writer, attached);
    if (ids.stdin !== undefined) this.#stdin = guest.streams.attachOutbound(ids.stdin);
  }

  /** Resolves when the process runs. Throws {@link RuntimeError} `start-failed`. */
  start(): Promise<void> {
    return this.#changes.run(async () => {
      if (this.#record.state === "running") return;
      if (this.#record.state !== "created")
        throw new RuntimeError("invalid", `Container ${this.#record.id} has exited`);
      try {
        await this.#markRunning(await this.#needGuest().startContainer(this.#record.id));
      } catch (error) {
        if (error instanceof GuestError && error.kind === errorKind.startFailed)
          await this.#markExited(this.#startError(error));
        throw failure("start-failed", error);
      }
    });
  }

  /** Changes what the container may use. What was changed in the guest alone is changed there again next time. */
  update({ resources, annotations }: ContainerUpdate): Promise<void> {
    return this.#changes.run(async () => {
      const { id, state, config } = this.#record;
      if (state === "exited") throw new RuntimeError("invalid", `Container ${id} has exited`);
      await this.#needGuest().updateContainer(id, resources);
      const changed = { ...config, resources, annotations: { ...config.annotations, ...annotations } };
      await this.#change({ config: changed });
    });
  }

  /** Takes over a container that the guest says runs. */
  foundRunning(start: ContainerStart): Promise<void> {
    return this.#changes.run(async () => {
      if (this.#record.state === "created") await this.#markRunning(start);
    });
  }

  /**
   * The guest says that the container has ended. Resolves when its log is written: true when its exit is recorded, so
   * that the guest may forget it.
   */
  exit(exit: ContainerExit): Promise<boolean> {
    return this.#end(() => ({
      ...this.#startTime(exit.startedAtMs),
      finishedAt: this.#plausible(exit.finishedAtMs),
      exitCode: exit.exitCode,
      ...(exit.signal ? { signal: exit.signal } : {}),
      ...(exit.message ? { message: exit.message } : {}),
      ...(exit.terminationMessage ? { terminationMessage: exit.terminationMessage } : {}),
      reason: exitReason(exit),
    }));
  }

  /** The machine has ended under the container. */
  machineEnded(reason: MachineEnding, message: string): Promise<boolean> {
    return this.#end(() => ({
      finishedAt: this.#now(),
      exitCode: killedExitCode,
      reason,
      message,
    }));
  }

  /** Sends the stop signal, then SIGKILL after `timeoutMs`; resolves when the container has exited. */
  async stop(timeoutMs: number): Promise<void> {
    await this.#settled();
    if (this.#record.state !== "running") return;
    const target = { containerId: this.#record.id };
    const guest = this.#needGuest();
    if (timeoutMs > 0) {
      await guest.signal(target, signalNumber(this.#record.config.stopSignal));
      if (await within(this.#context.clock, this.#exited.promise, timeoutMs)) return;
    }
    await this.kill(guest);
    if (await within(this.#context.clock, this.#exited.promise, killMs)) return;
    throw new RuntimeError(
      "unkillable",
      `Container ${this.#record.id} did not end within ${killMs} ms of SIGKILL`,
    );
  }

  async kill(guest: Guest): Promise<void> {
    await this.#settled();
    if (this.#record.state === "running") await this.#signalAll(guest);
  }

  /** Ends the container if need be and makes its guest forget it. */
  async removeFrom(guest: Guest): Promise<void> {
    await this.stop(0);
    try {
      await guest.removeContainer(this.#record.id);
    } catch (error) {
      if (!(error instanceof GuestError && error.kind === errorKind.wrongState)) throw error;
      // Its start was given up, and the guest began it all the same.
      await this.#signalAll(guest);
      await within(this.#context.clock, this.#exited.promise, killMs);
      await guest.removeContainer(this.#record.id);
    }
  }

  #signalAll(guest: Guest): Promise<void> {
    return guest.signal({ containerId: this.#record.id }, constants.signals.SIGKILL, true);
  }

  /** Resolves when the container has exited, for whatever reason, and that is recorded. */
  get exited(): Promise<void> {
    return this.#exited.promise;
  }

  /** Throws {@link RuntimeError} `invalid` when the container does not run. */
  attach(options: Omit<ExecOptions, "command">): StreamSession {
    const { id, config, state } = this.#record;
    const [guest, log] = [this.#guest, this.#log];
    if (!guest || !log || state === "exited")
      throw new RuntimeError("invalid", `Container ${id} is not running`);
    const exit = this.#exited.promise.then(() => this.#sessionExit());
    exit.catch(() => {});
    return attachSession(
      {
        log,
        stdin: this.#stdin,
        tty: config.tty,
        stdinOnce: config.stdinOnce,
        exit,
        resize: (columns, rows) => void guest.resize({ containerId: id }, columns, rows).catch(() => {}),
      },
      options,
    );
  }

  /** Removes all that is kept of the container, except its log. */
  async remove(): Promise<void> {
    await this.release();
    await rm(this.#place.directory, { recursive: true, force: true });
  }

  /** Lets go of the container without touching it. */
  async release(): Promise<void> {
    await this.#log?.close();
    this.#log = undefined;
  }

  /** Resolves when the changes of state that are under way are done. */
  #settled(): Promise<void> {
    return this.#changes.run(() => Promise.resolve());
  }

  #end(describe: () => Partial<ContainerRecord>): Promise<boolean> {
    return this.#changes.run(async () => {
      if (this.#record.state === "exited") return this.#isRecorded;
      if (this.#log) await drained(this.#context.clock, this.#log);
      await this.#markExited(describe());
      return this.#isRecorded;
    });
  }

  /** The exit counts and is told also when its record cannot be written: the guest will tell of it again. */
  async #markExited(ending: Partial<ContainerRecord>): Promise<void> {
    try {
      await this.#change({ ...ending, state: "exited" });
      this.#isRecorded = true;
    } catch (error) {
      this.#record = { ...this.#record, ...ending, state: "exited" };
      const cause = asError(error);
      this.#context.logger.warn("Exit of a container not recorded", {
        container: this.#record.id,
        error: cause,
      });
    }
    this.#exited.resolve();
    this.#emit("container-exited");
  }

  async #markRunning({ startedAtMs, user }: ContainerStart): Promise<void> {
    await this.#change({ state: "running", startedAt: this.#plausible(startedAtMs), ...(user && { user }) });
    this.#emit("container-started");
  }

  #startError({ message }: GuestError): Partial<ContainerRecord> {
    const finishedAt = this.#now();
    return { finishedAt, exitCode: startErrorExitCode, reason: "StartError", message };
  }

  #startTime(startedAtMs: number | undefined): Partial<ContainerRecord> {
    const isKnown = this.#record.startedAt !== undefined || startedAtMs === undefined;
    return isKnown ? {} : { startedAt: this.#plausible(startedAtMs) };
  }

  #now(): string {
    return new Date(this.#context.clock.now()).toISOString();
  }

  /** A guest's time if it can be true, else the present. */
  #plausible(timeMs: number | undefined): string {
    const now = this.#context.clock.now();
    const isPlausible = timeMs !== undefined && timeMs >= Date.parse(this.#record.createdAt) && timeMs <= now;
    return new Date(isPlausible ? timeMs : now).toISOString();
  }

  async #change(change: Partial<ContainerRecord>): Promise<void> {
    const record = { ...this.#record, ...change };
    await writeRecord(this.#recordPath, record);
    this.#record = record;
  }

  #emit(type: "container-started" | "container-exited"): void {
    this.#context.emit({ type, sandboxId: this.#place.sandboxId, containerId: this.#record.id });
  }

  #sessionExit(): { exitCode: number; signal?: number } {
    const { reason, message, exitCode = killedExitCode, signal } = this.#record;
    if (reason === "ContainerStatusUnknown") throw new RuntimeError("sandbox-gone", message ?? reason);
    return signal === undefined ? { exitCode } : { exitCode, signal };
  }

  #needGuest(): Guest {
    if (!this.#guest) throw new RuntimeError("sandbox-gone", "The container's machine is gone");
    return this.#guest;
  }

  get #recordPath(): string {
    return join(this.#place.directory, containerRecordName);
  }

  #logPath(): string {
    const { logPath } = this.#record.config;
    const relative = normalize(logPath);
    if (relative.startsWith("..") || relative.startsWith("/")) {
      throw new RuntimeError("invalid", `Log path ${logPath} leaves the sandbox's log directory`);
    }
    return join(this.#place.logDirectory, relative);
  }
}

function exitReason(exit: ContainerExit): string {
  if (exit.message) return "StartError";
  if (exit.oomKilled) return "OOMKilled";
  return exit.exitCode === 0 ? "Completed" : "Error";
}

function failure(kind: "create-failed" | "start-failed", error: unknown): RuntimeError {
  if (error instanceof RuntimeError) return error;
  return new RuntimeError(kind, messageOf(error), { cause: error });
}
