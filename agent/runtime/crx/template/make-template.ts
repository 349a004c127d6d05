import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type MachinePlace, machinePorts, spawnJailed } from "../boot-machine.ts";
import { MachineDescriptors } from "../jail/machine-descriptors.ts";
import { machineLimits } from "../jail/machine-limits.ts";
import { Machine } from "../machine.ts";
import { DiskTemplate } from "../pod-disk/disk-template.ts";
import { qemuCommandLine } from "../qemu/command-line.ts";
import type { Emulator, RuntimeContext } from "../runtime-context.ts";
import { StartDeadline } from "../start-deadline.ts";
import { inheritedNumber } from "./inherited-number.ts";
import { MachineTemplate, type TemplateFiles, type TemplateShape } from "./machine-template.ts";
import { MemoryFile } from "./memory-file.ts";
import { openTap } from "./open-tap.ts";
import { placeholderMac } from "./placeholder-mac.ts";
import { reopened } from "./reopened.ts";
import { saveMachine } from "./save-machine.ts";

/** As of a Pod that asks for one processor. */
const cpuWeight = 100;
/** PID 1 makes an image of its own, for a machine of the pool to rehearse with. */
const templateArguments = "pacific.rehearsal=1";
const templateTap = "pacific-tpl%d";

/**
 * Boots a machine until its guest answers and keeps it as a template. Nothing has happened in it that depends on
 * whose it is. When it throws, nothing is left.
 */
export async function makeTemplate(
  context: RuntimeContext,
  emulator: Emulator,
  shape: TemplateShape,
  folder: string,
  signal: AbortSignal,
): Promise<MachineTemplate> {
  const id = `template-${randomBytes(4).toString("hex")}`;
  const directory = join(folder, id);
  const user = context.users.allocate();
  const { clock, logger, bootTimeoutMs } = context;
  const deadline = new StartDeadline(
    { clock, logger, what: "The guest of the template", limitMs: bootTimeoutMs },
    signal,
  );
  const files = {
    memory: new MemoryFile("pacific-template", shape.memoryBytes),
    state: new MemoryFile("pacific-template-state"),
  };
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const limits = machineLimits(shape.memoryBytes, cpuWeight, emulator.accelerator);
    const place = { id, directory, user, limits };
    const disk = context.podDisks.problem ? undefined : await context.podDisks.makeBlank(id);
    try {
      const bootMs = await bootAndSave(context, emulator, shape, place, { ...files, disk }, deadline);
      return new MachineTemplate(shape, files, bootMs, disk && (await DiskTemplate.read(disk)));
    } finally {
      await disk?.close();
    }
  } catch (error) {
    files.memory.close();
    files.state.close();
    throw error;
  } finally {
    deadline.stop();
    await context.cgroups.remove(id);
    context.users.release(user);
    await rm(directory, { recursive: true, force: true });
    await context.podDisks.discardBlank(id);
  }
}

/** Resolves with how long the boot took. */
async function bootAndSave(
  context: RuntimeContext,
  emulator: Emulator,
  shape: TemplateShape,
  place: MachinePlace,
  { memory, state, disk }: TemplateFiles & { readonly disk: FileHandle | undefined },
  deadline: StartDeadline,
): Promise<number> {
  const begunMs = context.clock.steady();
  const tap = shape.hasNetwork ? [openTap(templateTap)] : [];
  const inherited = [{ descriptor: memory.reopen(), name: "the memory" }, ...tap];
  const podDisk = inheritedNumber(inherited.length);
  const descriptors = new MachineDescriptors([...inherited, ...(disk ? [reopened(disk)] : [])]);
  const { kernel } = emulator.jail;
  const args = qemuCommandLine({
    directory: place.directory,
    ports: machinePorts(descriptors),
    accelerator: emulator.accelerator,
    cpuCount: 1,
    memoryBytes: shape.memoryBytes,
    room: shape,
    kernel: { ...kernel, kernelArguments: `${kernel.kernelArguments} ${templateArguments}` },
    ...(shape.hasNetwork && { network: { tap: inheritedNumber(1), macAddress: placeholderMac } }),
    disks: [],
    cloning: { role: "template", memory: inheritedNumber(0), ...(disk && { podDisk }) },
  });
  const spawned = await spawnJailed(context, emulator, place, args, descriptors);
  const [machine] = await Machine.boot(place.directory, spawned, deadline);
  const bootMs = context.clock.steady() - begunMs;
  try {
    if (disk) await machine.guest.mountPodDisk();
    await saveMachine(machine.qmp, state, deadline.signal);
    return bootMs;
  } finally {
    await machine.destroy();
    // Only when all its threads are gone does nobody have the memory mapped any more.
    await spawned.exited;
  }
}
