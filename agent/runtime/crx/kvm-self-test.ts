import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { machinePorts, spawnJailed } from "./boot-machine.ts";
import { MachineDescriptors } from "./jail/machine-descriptors.ts";
import { machineLimits } from "./jail/machine-limits.ts";
import { Machine } from "./machine.ts";
import { qemuCommandLine } from "./qemu/command-line.ts";
import type { Emulator, RuntimeContext } from "./runtime-context.ts";
import { StartDeadline } from "./start-deadline.ts";

const limitMs = 3000;
const memoryBytes = 128 << 20;

/** Boots the guest's kernel under KVM until its PID 1 answers. Rejects when it does not within three seconds. */
export async function kvmSelfTest(
  context: RuntimeContext,
  emulator: Emulator,
  folder: string,
): Promise<void> {
  const id = `self-test-${randomBytes(4).toString("hex")}`;
  const directory = join(folder, id);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const user = context.users.allocate();
  const { clock, logger } = context;
  const what = "the guest's kernel under KVM";
  const deadline = new StartDeadline({ clock, logger, what, limitMs, longestMs: limitMs });
  try {
    const descriptors = new MachineDescriptors();
    const args = qemuCommandLine({
      directory,
      ports: machinePorts(descriptors),
      accelerator: "kvm",
      cpuCount: 1,
      memoryBytes,
      kernel: emulator.jail.kernel,
      disks: [],
    });
    const place = { id, directory, user, limits: machineLimits(memoryBytes, 100, "kvm") };
    const spawned = await spawnJailed(context, emulator, place, args, descriptors);
    const [machine] = await Machine.boot(directory, spawned, deadline);
    await machine.destroy();
  } finally {
    deadline.stop();
    await context.cgroups.remove(id);
    context.users.release(user);
    await rm(directory, { recursive: true, force: true });
  }
}
