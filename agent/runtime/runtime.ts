/**
 * What the Spherelet needs of a runtime, in the verbs of the Container Runtime Interface (CRI v1,
 * `RuntimeService`). A sandbox is one Pod: with CRX it is one virtual machine. Every verb is idempotent and may be
 * called again after a restart of the daemon; ids survive it.
 */
import type { Duplex } from "node:stream";
import type { BlockVolume, MountedVolume } from "./mounted-volume.ts";
import type { PodSandboxStats } from "./pod-sandbox-stats.ts";
import type { ExecOptions, StreamSession } from "./stream-session.ts";

export interface PodSandboxMetadata {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Counts the sandboxes that one Pod has had. */
  readonly attempt: number;
}

/** The sandbox's network, made by the host before the sandbox runs. */
export interface SandboxNetwork {
  readonly tapName: string;
  readonly macAddress: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly mtu: number;
}

export interface PodSandboxConfig {
  readonly metadata: PodSandboxMetadata;
  readonly hostname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly dns: {
    readonly servers: readonly string[];
    readonly searches: readonly string[];
    readonly options: readonly string[];
  };
  /** The names of the sandbox's address in `/etc/hosts`; the host name alone by default. */
  readonly hostNames?: readonly string[];
  /** In place of the usual lines of `/etc/hosts`: the node's own, for a Pod on its network. */
  readonly nodeHosts?: string;
  /** Lines of `/etc/hosts` beside those for localhost and the Pod itself. */
  readonly hostAliases: ReadonlyArray<{ readonly ip: string; readonly hostnames: readonly string[] }>;
  /** Absent with `--network none`: loopback only. */
  readonly network?: SandboxNetwork;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  /** The machine's share of the host's processors, as `cpu.weight` has it: 1 to 10000. */
  readonly cpuWeight: number;
  /** What all containers together may use; absent: what the machine has. */
  readonly resources?: ContainerResources;
  /** Folder for the containers' logs; the sandbox's containers name files relative to it. */
  readonly logDirectory: string;
  readonly sysctls: Readonly<Record<string, string>>;
  /** What its guest may have in memory by asking for it; absent: what it begins with. */
  readonly maxMemoryBytes?: number;
  /** Booted instead of the host's own guest. */
  readonly kernel?: GuestKernel;
  /** Image disks that the containers will need, as far as known: they are there from the start, which saves time. */
  readonly imageDiskPaths?: readonly string[];
}

/** What a machine boots: files that any user may read. */
export interface GuestKernel {
  readonly kernelPath: string;
  readonly initrdPath: string;
  readonly kernelArguments: string;
}

/** How far machines are kept from the host and from each other, with texts for people. */
export interface HostIsolation {
  readonly jail: { readonly level: "full" | "namespaces" | "none"; readonly message: string };
  /** Of memory, processors and threads, beyond what a machine itself has. */
  readonly limits: { readonly areEnforced: boolean; readonly message: string };
}

/** A machine that runs and is no sandbox's yet. */
export interface SpareMachine {
  /** Leads nowhere, and goes with the machine; absent where sandboxes have no network. */
  readonly tapName?: string;
  /** As {@link Runtime.runPodSandbox}; when it throws, the machine is gone too. */
  run(config: PodSandboxConfig, signal: AbortSignal): Promise<PodSandboxStatus>;
  /** Ends a machine that was not run; else it does nothing. */
  discard(): Promise<void>;
}

type SandboxState = "ready" | "not-ready";

export interface PodSandboxStatus {
  readonly id: string;
  readonly metadata: PodSandboxMetadata;
  readonly state: SandboxState;
  readonly createdAt: Date;
  readonly address?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Why a sandbox is not ready: `QemuExited`, `GuestPanic`, `ProtocolError`, `BootTimeout`, `QemuOutOfMemory`; with a text for people. */
  readonly reason?: string;
  readonly message?: string;
  /** The guest's kernel, as its uname says it. */
  readonly kernelVersion?: string;
  /** Why the containers' files, and volumes that are to be on a disk, are in memory; absent: they are on a disk. */
  readonly storageProblem?: string;
}

interface ContainerMetadata {
  readonly name: string;
  /** Counts the restarts. */
  readonly attempt: number;
}

export interface ContainerResources {
  /** CPU time per period, 0 for no limit (cgroup v2 `cpu.max`). */
  readonly cpuMillis: number;
  /** cgroup v2 `cpu.weight` from requests, 1 to 10000. */
  readonly cpuWeight: number;
  /** cgroup v2 `memory.max`, 0 for no limit. */
  readonly memoryBytes: number;
}

/** What a sandbox that runs is to have now. A machine keeps what it began with, and the processors that came. */
export interface PodSandboxUpdate {
  readonly cpuCount: number;
  readonly cpuWeight: number;
  readonly memoryBytes: number;
  /** As of {@link PodSandboxConfig}; absent: no limit. */
  readonly resources?: ContainerResources;
  /** Laid over the sandbox's own. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** What changes of a container that runs. */
export interface ContainerUpdate {
  readonly resources: ContainerResources;
  /** Laid over the container's own. */
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Whose processes a container sees: its own, those of all containers of the Pod that share theirs, all of the machine,
 * or those of the container with this id (CRI `NamespaceMode`).
 */
export type ProcessNamespace = "container" | "pod" | "machine" | { readonly target: string };

export interface ContainerSecurity {
  /** `name`, `uid`, `name:group` or `uid:gid` as the image or the Pod has it; resolved inside the image. */
  readonly user: string;
  readonly supplementalGroups: readonly number[];
  readonly readOnlyRootFilesystem: boolean;
  readonly privileged: boolean;
  readonly noNewPrivileges: boolean;
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  /** Only the groups named here and the user's first one count, not those of the image's `/etc/group`. */
  readonly strictGroups?: boolean;
  /** Nothing of `/proc` is hidden or read-only. */
  readonly unmaskedProc?: boolean;
  /** The filter of system calls: `struct sock_filter` one after another, in base64; absent: none. */
  readonly seccompFilter?: string;
}

/** A folder, a file or a symbolic link of a volume; `owner` and `group` are root's where they are absent. */
export type VolumeEntry = {
  /** Below the volume's folder, without `.` and `..`; folders come before what is in them. */
  readonly path: string;
  readonly owner?: number;
  readonly group?: number;
} & (
  | { readonly kind: "folder"; readonly mode: number }
  | { readonly kind: "file"; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: "link"; readonly target: string }
);

/** A folder that the sandbox's containers share. */
export interface SandboxVolume {
  /** 1 to 64 characters of `[a-zA-Z0-9_.-]`. */
  readonly name: string;
  readonly mode: number;
  readonly group?: number;
  /**
   * `disk`: on the disk of the Pod, where it stays for the Pod's next sandbox; in memory where the Pod has no disk.
   * Absent: in the sandbox's memory, which it goes with.
   */
  readonly medium?: "disk";
  /** What it may hold in memory; absent: all of it. On a disk nobody holds it to this. */
  readonly sizeBytes?: number;
  /** Of the entries, at most 64 characters; absent where the contents are the containers' own. */
  readonly version?: string;
  readonly entries: readonly VolumeEntry[];
}

/** Where a snapshot goes. */
export interface SnapshotTarget {
  /** Absolute, of a file that is not there, in a folder that is. */
  readonly path: string;
  /** Calls it off. */
  readonly signal: AbortSignal;
  /** Called several times a second. */
  readonly onProgress: (copiedBytes: number, totalBytes: number) => void;
}

/** A raw disk in a container. */
interface ContainerDevice {
  /** The name of a {@link BlockVolume} without a file system. */
  readonly volume: string;
  readonly path: string;
}

/** Of `volume` and `imageDiskPath` one is there. */
export interface ContainerMount {
  /** The name of a volume that was written before. */
  readonly volume?: string;
  /** An image's read-only disk. */
  readonly imageDiskPath?: string;
  /** A folder or file within the volume or image; absent: all of it. */
  readonly subPath?: string;
  readonly path: string;
  readonly readOnly: boolean;
  /** What is mounted below is read-only too. */
  readonly recursiveReadOnly?: boolean;
  /** Whether mounts that are made in the volume later are seen here, and those made here elsewhere; absent: neither. */
  readonly propagation?: "host-to-container" | "bidirectional";
}

export interface ContainerConfig {
  readonly metadata: ContainerMetadata;
  /** The image's id, `sha256:…`, known to the image service. */
  readonly imageId: string;
  /** The image's read-only disk (squashfs or erofs). */
  readonly imageDiskPath: string;
  readonly args: readonly string[];
  readonly workingDir: string;
  readonly env: ReadonlyArray<{ readonly name: string; readonly value: string }>;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  /** Relative to the sandbox's log directory; `<name>/<attempt>.log`. */
  readonly logPath: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly resources: ContainerResources;
  /** The kernel's `oom_score_adj`, -1000 to 1000; 0 by default. */
  readonly oomScoreAdjust?: number;
  /** `container` by default. */
  readonly processNamespace?: ProcessNamespace;
  readonly security: ContainerSecurity;
  /** In this order. */
  readonly mounts: readonly ContainerMount[];
  readonly devices?: readonly ContainerDevice[];
  readonly stopSignal: string;
  /** An absolute path in the container, where a file takes what it says of its end; absent: there is none. */
  readonly terminationMessagePath?: string;
}

/** Who a container's first process runs as. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly supplementalGroups: readonly number[];
}

type ContainerState = "created" | "running" | "exited";

export interface ContainerStatus {
  readonly id: string;
  readonly sandboxId: string;
  readonly metadata: ContainerMetadata;
  readonly state: ContainerState;
  readonly imageId: string;
  readonly createdAt: Date;
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
  readonly exitCode?: number;
  readonly signal?: number;
  /** `Completed`, `Error`, `OOMKilled`, `ContainerStatusUnknown` (its VM is gone), `StartError`. */
  readonly reason?: string;
  readonly message?: string;
  /** As the guest says; absent until it has run. */
  readonly user?: ContainerUser;
  /** What the container wrote to its `terminationMessagePath`, the last 4 KiB of it. */
  readonly terminationMessage?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly logPath: string;
}

export type RuntimeEvent =
  | {
      readonly type: "container-started" | "container-exited";
      readonly sandboxId: string;
      readonly containerId: string;
    }
  | { readonly type: "sandbox-not-ready"; readonly sandboxId: string };

/** An error of a runtime verb, by kind. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
  constructor(
    readonly kind:
      | "not-found"
      | "invalid"
      | "create-failed"
      | "start-failed"
      | "sandbox-gone"
      | "timeout"
      | "unkillable",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** How machines start on this host, with a text for people. */
export interface StartMode {
  readonly kind: "clone" | "boot";
  readonly message: string;
}

export interface Runtime {
  /** How machines are kept apart on this host. */
  isolation(): HostIsolation;
  /** How machines run here, for the Node's conditions and labels. */
  accelerator(): { readonly kind: "kvm" | "tcg"; readonly message: string };

  /** Whether machines are cloned from a template or boot, and why; changes while the host runs. */
  startMode(): StartMode;

  /** Boots the sandbox; resolves when its guest answers. Throws `create-failed` or `timeout`; then nothing is left. */
  runPodSandbox(config: PodSandboxConfig, signal: AbortSignal): Promise<PodSandboxStatus>;
  /**
   * Takes a machine that waits for a sandbox of this size, which then starts sooner. Undefined where none does. The
   * caller makes the machine's tap the sandbox's, and runs the sandbox in it or discards it.
   */
  takeSpareMachine(config: Omit<PodSandboxConfig, "network">): Promise<SpareMachine | undefined>;
  /** Ends the machines that wait for sandboxes, as the host needs their memory; new ones are made after some minutes. */
  endSpareMachines(): Promise<void>;
  /** Changes what the machine has and what all containers together may use. Resolves when that is so, as far as can be. */
  updatePodSandbox(sandboxId: string, update: PodSandboxUpdate): Promise<void>;
  /** Ends all containers at once and the machine. The status and logs stay. */
  stopPodSandbox(sandboxId: string): Promise<void>;
  /** Stops it if need be and removes all that the runtime keeps of it, except logs. */
  removePodSandbox(sandboxId: string): Promise<void>;
  podSandboxStatus(sandboxId: string): PodSandboxStatus | undefined;
  listPodSandboxes(): readonly PodSandboxStatus[];
  /** What the sandbox uses now: asked of its guest, kept nowhere. Rejects when its machine is gone or does not answer. */
  podSandboxStats(sandboxId: string): Promise<PodSandboxStats>;

  /**
   * Makes a volume and fills it. One that is there with another version gets the new entries as the kubelet's atomic
   * writer does it: containers find the old ones or the new ones. Called for one volume at a time. Throws
   * `create-failed`.
   */
  writeVolume(sandboxId: string, volume: SandboxVolume): Promise<void>;
  /**
   * Mounts all volumes that others serve to a sandbox, before its first container; those that are mounted stay as they
   * are. Throws `create-failed`.
   */
  mountVolumes(sandboxId: string, volumes: readonly MountedVolume[]): Promise<void>;

  /**
   * Shows the sandbox how large the device of a mounted volume is now, and grows its file system to that while containers
   * use it. What has that size already stays as it is. Throws `create-failed`.
   */
  expandVolume(sandboxId: string, volume: BlockVolume): Promise<void>;

  /**
   * Copies what a mounted block volume holds at one moment into a new file, with holes where it holds zeros, while
   * containers use it. Its file system is as if it had been unmounted at that moment; a raw disk is as its writers had it.
   * Throws `create-failed`, `invalid` for a volume of another kind, or the signal's reason; then there is no file.
   */
  snapshotVolume(sandboxId: string, volume: string, target: SnapshotTarget): Promise<void>;

  /**
   * Makes the folders of a path within a volume that are not there, with the mode of the volume's own. Throws `invalid`
   * for a path that leads out of the volume or through what is no folder, else `create-failed`.
   */
  prepareSubPath(sandboxId: string, volume: string, subPath: string): Promise<void>;

  /**
   * The bytes of a file of at most 64 KiB within a volume; undefined where there is none. Throws `invalid` for a path that
   * leads out of the volume, for what is no file and for a longer one.
   */
  readVolumeFile(sandboxId: string, volume: string, path: string): Promise<Buffer | undefined>;

  createContainer(sandboxId: string, config: ContainerConfig): Promise<string>;
  /** Changes what a container may use; one that runs meets it at once. Throws `invalid` for one that has exited. */
  updateContainer(containerId: string, update: ContainerUpdate): Promise<void>;
  /** Resolves when the process runs. Throws `start-failed` with the reason (no such file, no permission, …). */
  startContainer(containerId: string): Promise<void>;
  /** Sends the stop signal, waits up to `timeoutMs`, then SIGKILL; resolves when the container has exited. */
  stopContainer(containerId: string, timeoutMs: number): Promise<void>;
  removeContainer(containerId: string): Promise<void>;
  containerStatus(containerId: string): ContainerStatus | undefined;
  listContainers(sandboxId?: string): readonly ContainerStatus[];

  exec(containerId: string, options: ExecOptions): Promise<StreamSession>;
  attach(containerId: string, options: Omit<ExecOptions, "command">): Promise<StreamSession>;
  /** A connection to a TCP port on the guest's loopback. Rejects with the guest's reason (connection refused). */
  portForward(sandboxId: string, port: number): Promise<Duplex>;

  /** Calls the listener after each change of state, also for what happened while the daemon was away. */
  onEvent(listener: (event: RuntimeEvent) => void): () => void;

  /**
   * Finds the machines of an earlier run again and begins to take them over; their records count meanwhile, and verbs
   * that need a machine wait for it. Called once, before any other verb.
   */
  recover(signal: AbortSignal): Promise<void>;
  /** Resolves when it is known what became of the machine, or of all machines, of an earlier run. */
  takenOver(sandboxId?: string): Promise<void>;
  /** Lets go of all machines without touching them. */
  close(): Promise<void>;
}
