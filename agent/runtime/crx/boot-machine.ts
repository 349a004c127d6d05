import { killProcess, type ProcessIdentity } from "../../../supervisor/base/process-identity.ts";
import type { GuestKernel, PodSandboxConfig } from "../runtime.ts";
import { bootRoom } from "./boot-room.ts";
import type { GuestHello } from "./channel/channel.ts";
import { MachineDescriptors } from "./jail/machine-descriptors.ts";
import { type MachineLimits, machineLimits } from "./jail/machine-limits.ts";
import { Machine } from "./machine.ts";
import type { PooledMachine } from "./pool/pooled-machine.ts";
import {
  controlSocketName,
  filesSocketName,
  type MachinePorts,
  qemuCommandLine,
  qmpSocketName,
  streamsSocketName,
} from "./qemu/command-line.ts";
import { diskSerial } from "./qemu/disk-serial.ts";
import type { SpawnedProcess } from "./qemu/spawn-qemu.ts";
import type { Emulator, RuntimeContext } from "./runtime-context.ts";
import type { StartDeadline } from "./start-deadline.ts";

/** Disks at QEMU's start take slots of the root bus, which has room for these; more are plugged in later. */
const maxDisksAtStart = 16;

/** A machine that is to be started in its jail. */
export interface MachinePlace {
  readonly id: string;
  readonly directory: string;
  readonly user: number;
  readonly limits: MachineLimits;
}

/** A sandbox whose machine is to be started. */
export interface NewSandbox extends Omit<MachinePlace, "limits"> {
  readonly config: PodSandboxConfig;
  /** A machine of the pool that it is to have; place and user are that machine's. */
  readonly spare?: PooledMachine;
  /** Keeps the process where a later daemon finds it. */
  record(process: ProcessIdentity): Promise<void>;
}

/** Boots the kernel in a new QEMU and waits for the guest's hello. When it throws, the process is gone. */
export async function bootMachine(
  context: RuntimeContext,
  emulator: Emulator,
  sandbox: NewSandbox,
  deadline: StartDeadline,
): Promise<[Machine, GuestHello]> {
  const { directory, config } = sandbox;
  const { network } = config;
  const descriptors = new MachineDescriptors();
  const args = qemuCommandLine({
    directory,
    ports: machinePorts(descriptors),
    accelerator: emulator.accelerator,
    cpuCount: config.cpuCount,
    memoryBytes: config.memoryBytes,
    room: bootRoom(config),
    ...(emulator.trimsCode && { codeTrimmer: emulator.jail.codeTrimmerPath }),
    kernel: config.kernel ? openedKernel(config.kernel, descriptors) : emulator.jail.kernel,
    ...(network && {
      network: { tap: descriptors.tap(network.tapName), macAddress: network.macAddress },
    }),
    disks: [...new Set(config.imageDiskPaths)]
      .slice(0, maxDisksAtStart)
      .map((path) => ({ descriptor: descriptors.read(path), serial: diskSerial(path) })),
  });
  const limits = machineLimits(config.memoryBytes, config.cpuWeight, emulator.accelerator);
  const spawned = await spawnJailed(context, emulator, { ...sandbox, limits }, args, descriptors);
  return await answered(Machine.boot(directory, spawned, deadline), spawned, sandbox.record);
}

/** A kernel that is not in the jail's root: QEMU has its files as descriptors. */
function openedKernel(
  { kernelPath, initrdPath, kernelArguments }: GuestKernel,
  descriptors: MachineDescriptors,
): GuestKernel {
  const opened = (path: string): string => `/proc/self/fd/${descriptors.read(path)}`;
  return { kernelPath: opened(kernelPath), initrdPath: opened(initrdPath), kernelArguments };
}

/** Records a process while its machine starts. When it throws, the process is gone. */
export async function answered(
  starting: Promise<[Machine, GuestHello]>,
  { identity }: SpawnedProcess,
  record: (process: ProcessIdentity) => Promise<void>,
): Promise<[Machine, GuestHello]> {
  try {
    const [started] = await Promise.all([starting, record(identity)]);
    return started;
  } catch (error) {
    await killProcess(identity);
    await starting.catch(() => {});
    throw error;
  }
}

/** The sockets that every machine has in its folder. */
export function machinePorts(descriptors: MachineDescriptors): MachinePorts {
  return {
    monitor: descriptors.listen(qmpSocketName),
    control: descriptors.listen(controlSocketName),
    streams: descriptors.listen(streamsSocketName),
    files: descriptors.listen(filesSocketName),
  };
}

/** Starts QEMU with these arguments in a jail of its own; inherited descriptors are closed here. */
export async function spawnJailed(
  context: RuntimeContext,
  emulator: Emulator,
  { id, directory, user, limits }: MachinePlace,
  args: readonly string[],
  descriptors: MachineDescriptors,
): Promise<SpawnedProcess> {
  const { qemu, jail, accelerator } = emulator;
  const kvm = accelerator === "kvm";
  const { cgroup, unitProperties } = await context.cgroups.place(id, limits);
  const group = cgroup === undefined ? {} : { cgroup };
  const command = jail.command({
    program: qemu.path,
    args,
    user,
    descriptors,
    kvm,
    maxFileBytes: context.podDisks.sizeBytes,
    ...group,
  });
  const unit = { unitName: unitName(id), unitProperties };
  return context.spawn({ ...command, ...unit, directory, descriptors: descriptors.inherited });
}

/** Where systemd keeps a machine's process. */
export function unitName(id: string): string {
  return `pacific-pod-${id}`;
}
