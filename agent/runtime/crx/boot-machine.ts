import type { PodSandboxConfig } from "../runtime.ts";
import type { GuestHello } from "./channel/channel.ts";
import { sandboxRequest } from "./guest/sandbox-request.ts";
import { diskDevice } from "./image-disks.ts";
import { Machine } from "./machine.ts";
import { qemuCommandLine } from "./qemu/command-line.ts";
import type { SpawnedProcess } from "./qemu/spawn-qemu.ts";
import type { Emulator, RuntimeContext } from "./runtime-context.ts";

/** Disks at QEMU's start take slots of the root bus, which has room for these; more are plugged in later. */
const maxDisksAtStart = 16;

/** Starts QEMU for a sandbox, in the sandbox's folder. */
export function spawnMachine(
  context: RuntimeContext,
  emulator: Emulator,
  sandbox: { readonly id: string; readonly directory: string; readonly config: PodSandboxConfig },
): Promise<SpawnedProcess> {
  const { id, directory, config } = sandbox;
  const args = qemuCommandLine({
    directory,
    sandboxId: id,
    accelerator: emulator.accelerator,
    cpuCount: config.cpuCount,
    memoryBytes: config.memoryBytes,
    kernelPath: context.guestImage.kernelPath,
    initrdPath: context.guestImage.initrdPath,
    kernelArguments: context.guestImage.kernelArguments,
    ...(config.network ? { network: config.network } : {}),
    disks: [...new Set(config.imageDiskPaths)].slice(0, maxDisksAtStart).map(diskDevice),
  });
  return context.spawn({ command: emulator.qemu.path, args, directory, unitName: `pacific-pod-${id}` });
}

/** Waits for the guest of a fresh machine and gives it its identity. When it throws, the process is gone. */
export async function bootMachine(
  context: RuntimeContext,
  directory: string,
  config: PodSandboxConfig,
  spawned: SpawnedProcess,
  signal: AbortSignal,
): Promise<[Machine, GuestHello]> {
  const [machine, hello] = await Machine.boot(directory, spawned, signal);
  try {
    await machine.guest.configure(sandboxRequest(config, context.clock.now()));
    return [machine, hello];
  } catch (error) {
    await machine.destroy();
    throw error;
  }
}
