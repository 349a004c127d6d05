import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type MachineLimits, machineLimits } from "../jail/machine-limits.ts";
import type { Machine } from "../machine.ts";
import type { Emulator, RuntimeContext } from "../runtime-context.ts";
import { cloneDeadline } from "../template/clone-deadline.ts";
import { cloneMachine } from "../template/clone-machine.ts";
import type { MachineTemplate } from "../template/machine-template.ts";
import { openTap } from "../template/open-tap.ts";
import { rehearse } from "./rehearse.ts";

/** A clone that answers and is nobody yet: it has an id, a user, a folder and a tap that leads nowhere. */
export interface PooledMachine {
  readonly id: string;
  readonly directory: string;
  readonly user: number;
  readonly limits: MachineLimits;
  readonly template: MachineTemplate;
  readonly machine: Machine;
  readonly kernelVersion: string;
  /** Goes with the machine; absent where Pods have no network. */
  readonly tapName?: string;
}

export interface PoolPlan {
  readonly context: RuntimeContext;
  readonly emulator: Emulator;
  /** Where sandboxes are. A spare machine's folder holds no record, so a daemon that finds it ends it. */
  readonly folder: string;
}

const spareTap = "pacific-spr%d";
/** That of a Pod without requests: what waits comes after all that works. */
const cpuWeight = 1;

/** Clones a machine that waits for its Pod. When it throws, nothing is left. */
export async function makePooledMachine(
  { context, emulator, folder }: PoolPlan,
  template: MachineTemplate,
  signal: AbortSignal,
): Promise<PooledMachine> {
  const id = randomBytes(16).toString("hex");
  const limits = machineLimits(template.shape.memoryBytes, cpuWeight, emulator.accelerator);
  const place = { id, directory: join(folder, id), user: context.users.allocate(), limits };
  const deadline = cloneDeadline(context, template, "A clone for the pool", signal);
  try {
    await mkdir(place.directory, { recursive: true, mode: 0o700 });
    const tap = template.shape.hasNetwork ? openTap(spareTap) : undefined;
    const clone = { ...place, ...(tap && { tap }), rehearses: true, record: () => Promise.resolve() };
    const [machine, hello] = await cloneMachine(context, emulator, template, clone, deadline);
    const { kernelVersion } = hello;
    try {
      const { hasNetwork } = template.shape;
      await rehearse(machine.guest, { hasNetwork, nowMs: context.clock.now() }, deadline.signal);
    } catch (error) {
      await machine.destroy();
      throw error;
    }
    return { ...place, template, machine, kernelVersion, ...(tap && { tapName: tap.name }) };
  } catch (error) {
    await forget(context, place);
    throw error;
  } finally {
    deadline.stop();
  }
}

/** Ends a spare machine, and nothing is left of it. */
export async function removePooledMachine(context: RuntimeContext, spare: PooledMachine): Promise<void> {
  await spare.machine.destroy();
  await forget(context, spare);
}

async function forget(
  context: RuntimeContext,
  { id, directory, user }: Pick<PooledMachine, "id" | "directory" | "user">,
): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await context.podDisks.discardBlank(id);
  await context.cgroups.remove(id);
  context.users.release(user);
}
