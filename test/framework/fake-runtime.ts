import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { type Duplex, PassThrough, Readable } from "node:stream";
import type { BlockVolume, HostVolume, NfsVolume } from "../../agent/runtime/mounted-volume.ts";
import { plainSecurity } from "../../agent/runtime/plain-security.ts";
import type { PodSandboxStats } from "../../agent/runtime/pod-sandbox-stats.ts";
import {
  type ContainerConfig,
  type ContainerStatus,
  type ContainerUpdate,
  type HostIsolation,
  type PodSandboxConfig,
  type PodSandboxStatus,
  type PodSandboxUpdate,
  type Runtime,
  RuntimeError,
  type RuntimeEvent,
  type SandboxVolume,
  type SnapshotTarget,
} from "../../agent/runtime/runtime.ts";
import type { ExecOptions, StreamSession } from "../../agent/runtime/stream-session.ts";
import type { Clock } from "../../supervisor/base/clock.ts";

type Changeable<T> = { -readonly [K in keyof T]: T[K] };

export interface FakeExec {
  readonly exitCode?: number;
  readonly output?: string;
}

/** A runtime in memory: containers run until a test ends them. It outlives the kubelets that use it, as machines do. */
export class FakeRuntime implements Runtime {
  readonly #clock: Clock;
  readonly #sandboxes = new Map<string, Changeable<PodSandboxStatus>>();
  readonly #containers = new Map<string, Changeable<ContainerStatus>>();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  readonly sandboxConfigs: PodSandboxConfig[] = [];
  readonly containerConfigs: ContainerConfig[] = [];
  /** The changes of containers, by their names. */
  readonly updates: Array<ContainerUpdate & { readonly name: string }> = [];
  /** Texts of files that containers put into volumes, by `volume/path`. */
  readonly volumeFiles = new Map<string, string>();
  readonly sandboxUpdates: Array<PodSandboxUpdate & { readonly sandboxId: string }> = [];
  /** The volumes that were written, by their sandbox. */
  readonly volumes = new Map<string, SandboxVolume[]>();
  /** Those that others serve. */
  readonly served = new Map<string, ReadonlyArray<HostVolume | NfsVolume>>();
  /** The devices whose volumes grew. */
  readonly expanded: string[] = [];
  /** The next expansions fail with these texts. */
  readonly expansionFailures: string[] = [];
  /** What sandboxes are said to use; no other answers. */
  readonly stats = new Map<string, PodSandboxStats>();
  /** How often a volume that was there got new contents. */
  volumeUpdates = 0;
  readonly stopTimeoutsMs: number[] = [];
  /** The next machines fail with these texts. */
  readonly sandboxFailures: string[] = [];
  /** The next starts fail with these texts. */
  readonly startFailures: string[] = [];
  /** What commands in containers print and end with; they print nothing and end well by default. */
  onExec: (container: ContainerStatus, command: readonly string[]) => Promise<FakeExec> = async () => ({});
  readonly execs: string[] = [];
  /** Containers by these names do not heed SIGTERM: they end when their grace period does. */
  readonly stubborn = new Set<string>();
  /** Containers that even SIGKILL does not end. */
  readonly unkillable = new Set<string>();
  #counter = 0;
  /** The most machines that one Pod had at the same time. */
  mostPerPod = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isolation(): HostIsolation {
    const limits = { areEnforced: false, message: "These machines are not real" };
    return { jail: { level: "none", message: limits.message }, limits };
  }

  accelerator(): { kind: "tcg"; message: string } {
    return { kind: "tcg", message: "a test's runtime" };
  }

  startMode(): { kind: "boot"; message: string } {
    return { kind: "boot", message: "a test's runtime" };
  }

  async runPodSandbox(config: PodSandboxConfig, signal: AbortSignal): Promise<PodSandboxStatus> {
    this.sandboxConfigs.push(config);
    await Promise.resolve();
    signal.throwIfAborted();
    const failure = this.sandboxFailures.shift();
    if (failure) throw new RuntimeError("create-failed", failure);
    const sandbox: Changeable<PodSandboxStatus> = {
      id: `sandbox-${++this.#counter}`,
      metadata: config.metadata,
      state: "ready",
      createdAt: this.#now(),
      labels: config.labels,
      annotations: config.annotations,
      ...(config.network && { address: config.network.address }),
    };
    this.#sandboxes.set(sandbox.id, sandbox);
    const ofPod = [...this.#sandboxes.values()].filter(
      ({ state, metadata }) => state === "ready" && metadata.uid === config.metadata.uid,
    );
    this.mostPerPod = Math.max(this.mostPerPod, ofPod.length);
    return { ...sandbox };
  }

  async takeSpareMachine(): Promise<undefined> {}

  async endSpareMachines(): Promise<void> {}

  async updatePodSandbox(sandboxId: string, update: PodSandboxUpdate): Promise<void> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (sandbox) sandbox.annotations = { ...sandbox.annotations, ...update.annotations };
    this.sandboxUpdates.push({ sandboxId, ...update });
  }

  async stopPodSandbox(sandboxId: string): Promise<void> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (!sandbox || sandbox.state === "not-ready") return;
    this.breakSandbox(sandboxId);
  }

  async removePodSandbox(sandboxId: string): Promise<void> {
    await this.stopPodSandbox(sandboxId);
    this.#sandboxes.delete(sandboxId);
    for (const { id, sandboxId: of } of this.#containers.values())
      if (of === sandboxId) this.#containers.delete(id);
  }

  podSandboxStatus(sandboxId: string): PodSandboxStatus | undefined {
    const sandbox = this.#sandboxes.get(sandboxId);
    return sandbox && { ...sandbox };
  }

  listPodSandboxes(): readonly PodSandboxStatus[] {
    return [...this.#sandboxes.values()].map((sandbox) => ({ ...sandbox }));
  }

  async podSandboxStats(sandboxId: string): Promise<PodSandboxStats> {
    const stats = this.stats.get(sandboxId);
    if (!stats) throw new RuntimeError("sandbox-gone", "The machine is gone");
    return { ...stats, atMs: this.#clock.now() };
  }

  async writeVolume(sandboxId: string, volume: SandboxVolume): Promise<void> {
    const volumes = this.volumes.get(sandboxId) ?? [];
    const present = volumes.findIndex(({ name }) => name === volume.name);
    if (present < 0) volumes.push(volume);
    else if (volumes[present]?.version !== volume.version) {
      volumes[present] = volume;
      this.volumeUpdates++;
    }
    this.volumes.set(sandboxId, volumes);
  }

  async expandVolume(_sandboxId: string, volume: BlockVolume): Promise<void> {
    const failure = this.expansionFailures.shift();
    if (failure) throw new RuntimeError("create-failed", failure);
    this.expanded.push(volume.path);
  }

  async mountVolumes(sandboxId: string, volumes: ReadonlyArray<HostVolume | NfsVolume>): Promise<void> {
    this.served.set(sandboxId, volumes);
  }

  async snapshotVolume(_sandboxId: string, volume: string, target: SnapshotTarget): Promise<void> {
    target.onProgress(1, 2);
    await writeFile(target.path, `snapshot of ${volume}`);
  }

  async prepareSubPath(): Promise<void> {}

  async readVolumeFile(_sandboxId: string, volume: string, path: string): Promise<Buffer | undefined> {
    const text = this.volumeFiles.get(`${volume}/${path}`);
    return text === undefined ? undefined : Buffer.from(text);
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    if (this.#sandboxes.get(sandboxId)?.state !== "ready")
      throw new RuntimeError("sandbox-gone", "The machine is gone");
    this.containerConfigs.push(config);
    const container: ContainerStatus = {
      id: `container-${++this.#counter}`,
      sandboxId,
      metadata: config.metadata,
      state: "created",
      imageId: config.imageId,
      createdAt: this.#now(),
      labels: config.labels,
      annotations: config.annotations,
      logPath: config.logPath,
    };
    this.#containers.set(container.id, container);
    return container.id;
  }

  async updateContainer(containerId: string, update: ContainerUpdate): Promise<void> {
    const container = this.#container(containerId);
    container.annotations = { ...container.annotations, ...update.annotations };
    this.updates.push({ name: container.metadata.name, ...update });
  }

  async startContainer(containerId: string): Promise<void> {
    const container = this.#container(containerId);
    const failure = this.startFailures.shift();
    if (failure) {
      Object.assign(container, {
        state: "exited",
        exitCode: 128,
        reason: "StartError",
        message: failure,
        finishedAt: this.#now(),
      });
      throw new RuntimeError("start-failed", failure);
    }
    Object.assign(container, { state: "running", startedAt: this.#now() });
    this.#emit({ type: "container-started", sandboxId: container.sandboxId, containerId });
  }

  async stopContainer(containerId: string, timeoutMs: number): Promise<void> {
    const container = this.#container(containerId);
    this.stopTimeoutsMs.push(timeoutMs);
    if (container.state !== "running") return;
    if (this.unkillable.has(container.metadata.name)) {
      throw new RuntimeError("unkillable", `Container ${containerId} did not end within 10000 ms of SIGKILL`);
    }
    if (!this.stubborn.has(container.metadata.name)) return this.exit(containerId, 143);
    await new Promise<void>((resolve) => {
      const kill = (): void => {
        if (container.state === "running") this.exit(containerId, 137);
      };
      const cancel = this.#clock.after(timeoutMs, kill);
      const unlisten = this.onEvent((event) => {
        if (event.type !== "container-exited" || event.containerId !== containerId) return;
        cancel();
        unlisten();
        resolve();
      });
    });
  }

  async removeContainer(containerId: string): Promise<void> {
    this.#containers.delete(containerId);
  }

  containerStatus(containerId: string): ContainerStatus | undefined {
    const container = this.#containers.get(containerId);
    return container && { ...container };
  }

  listContainers(sandboxId?: string): readonly ContainerStatus[] {
    const all = [...this.#containers.values()].map((container) => ({ ...container }));
    return sandboxId === undefined ? all : all.filter((container) => container.sandboxId === sandboxId);
  }

  async exec(containerId: string, { command }: ExecOptions): Promise<StreamSession> {
    const container = this.#container(containerId);
    this.execs.push(`${container.metadata.name}: ${command.join(" ")}`);
    const running = this.onExec({ ...container }, command);
    return {
      resize() {},
      close() {},
      stdout: Readable.from(outputOf(running)),
      exit: running.then(({ exitCode = 0 }) => ({ exitCode })),
    };
  }

  async attach(): Promise<StreamSession> {
    return emptySession();
  }

  /** Whether every machine's ports are this one's; else what is sent to them comes back. */
  hasRealPorts = false;

  async portForward(_sandboxId: string, port: number): Promise<Duplex> {
    if (!this.hasRealPorts) return new PassThrough();
    const socket = connect({ host: "127.0.0.1", port });
    return await new Promise((resolve, reject) => {
      socket.once("connect", () => resolve(socket));
      socket.once("error", reject);
    });
  }

  onEvent(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async recover(): Promise<void> {}

  async takenOver(): Promise<void> {}

  async close(): Promise<void> {}

  /** A machine without an address, for a Pod of this uid. */
  addSandbox(uid: string): Promise<PodSandboxStatus> {
    const dns = { servers: [], searches: [], options: [] };
    return this.runPodSandbox(
      {
        metadata: { namespace: "ns", name: "p", uid, attempt: 0 },
        ...{ hostname: "p", labels: {}, annotations: {}, hostAliases: [], sysctls: {} },
        ...{ dns, cpuCount: 1, cpuWeight: 100, memoryBytes: 1 << 28, logDirectory: "/nowhere" },
      },
      new AbortController().signal,
    );
  }

  /** A container of a machine that runs; returns its id. */
  async addRunning(sandboxId: string, name: string): Promise<string> {
    const resources = { cpuMillis: 0, cpuWeight: 1, memoryBytes: 0 };
    const id = await this.createContainer(sandboxId, {
      metadata: { name, attempt: 0 },
      ...{ imageId: "sha256:1", imageDiskPath: "/nowhere", args: ["sh"], workingDir: "/", env: [] },
      ...{ tty: false, stdin: false, stdinOnce: false, logPath: "", labels: {}, annotations: {} },
      ...{ resources, security: plainSecurity, mounts: [], stopSignal: "SIGTERM" },
    });
    await this.startContainer(id);
    return id;
  }

  /** The running instance of a container. */
  running(name: string): ContainerStatus {
    const found = [...this.#containers.values()].find(
      ({ metadata, state }) => metadata.name === name && state === "running",
    );
    if (!found) throw new Error(`No container ${name} runs`);
    return found;
  }

  /** Ends a container from within. */
  exit(containerId: string, exitCode: number, reason?: string): void {
    const container = this.#container(containerId);
    Object.assign(container, {
      state: "exited",
      exitCode,
      reason: reason ?? (exitCode === 0 ? "Completed" : "Error"),
      finishedAt: this.#now(),
    });
    this.#emit({ type: "container-exited", sandboxId: container.sandboxId, containerId });
  }

  /** Ends a machine, as when its QEMU is killed. */
  breakSandbox(sandboxId: string): void {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (!sandbox) throw new Error(`No sandbox ${sandboxId}`);
    Object.assign(sandbox, { state: "not-ready", reason: "QemuExited" });
    for (const container of this.#containers.values()) {
      if (container.sandboxId === sandboxId && container.state === "running") {
        this.exit(container.id, 137, "ContainerStatusUnknown");
      }
    }
    this.#emit({ type: "sandbox-not-ready", sandboxId });
  }

  #container(id: string): Changeable<ContainerStatus> {
    const container = this.#containers.get(id);
    if (!container) throw new RuntimeError("not-found", `No container ${id}`);
    return container;
  }

  #emit(event: RuntimeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #now(): Date {
    return new Date(this.#clock.now());
  }
}

async function* outputOf(running: Promise<FakeExec>): AsyncGenerator<Buffer> {
  const { output = "" } = await running.catch((): FakeExec => ({}));
  yield Buffer.from(output);
}

function emptySession(): StreamSession {
  return { resize() {}, close() {}, exit: Promise.resolve({ exitCode: 0 }) };
}
