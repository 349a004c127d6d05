import type { ProcessIdentity } from "../../../../supervisor/base/process-identity.ts";
import { answered, type MachinePlace, machinePorts, spawnJailed } from "../boot-machine.ts";
import type { GuestHello } from "../channel/channel.ts";
import { type InheritedDescriptor, MachineDescriptors } from "../jail/machine-descriptors.ts";
import { Machine } from "../machine.ts";
import { qemuCommandLine } from "../qemu/command-line.ts";
import type { QmpClient } from "../qemu/qmp-client.ts";
import type { Emulator, RuntimeContext } from "../runtime-context.ts";
import type { StartDeadline } from "../start-deadline.ts";
import { inheritedNumber } from "./inherited-number.ts";
import type { MachineTemplate } from "./machine-template.ts";
import { placeholderMac } from "./placeholder-mac.ts";
import { reopened } from "./reopened.ts";

/** A clone that is to be started. */
export interface ClonePlace extends MachinePlace {
  /** Whether it is to run a container of its own before that of a Pod. */
  readonly rehearses?: boolean;
  /** Its tap by its name, or one that is open: that one is closed here. */
  readonly tap?: { readonly name: string; readonly descriptor?: number };
  /** Keeps the process where a later daemon finds it. */
  record(process: ProcessIdentity): Promise<void>;
}

/** Starts a machine from a template and waits for its guest's hello. When it throws, the process is gone. */
export async function cloneMachine(
  context: RuntimeContext,
  emulator: Emulator,
  template: MachineTemplate,
  place: ClonePlace,
  deadline: StartDeadline,
): Promise<[Machine, GuestHello]> {
  const { directory, tap } = place;
  const { shape } = template;
  const disk = await diskOf(context, template, place.id);
  const [inherited, open] = [[...template.descriptors(), ...disk], openTapOf(place)];
  const descriptors = new MachineDescriptors([...inherited, ...open]);
  const args = qemuCommandLine({
    directory,
    ports: machinePorts(descriptors),
    accelerator: emulator.accelerator,
    cpuCount: 1,
    memoryBytes: shape.memoryBytes,
    room: shape,
    ...(tap && {
      network: {
        tap: open.length > 0 ? inheritedNumber(inherited.length) : descriptors.tap(tap.name),
        macAddress: placeholderMac,
      },
    }),
    disks: [],
    ...(place.rehearses && { rehearses: true }),
    ...(emulator.trimsCode && { codeTrimmer: emulator.jail.codeTrimmerPath }),
    cloning: {
      role: "clone",
      memory: inheritedNumber(0),
      ...(disk.length > 0 && { podDisk: inheritedNumber(inherited.length - 1) }),
    },
  });
  const spawned = await spawnJailed(context, emulator, place, args, descriptors);
  return await answered(Machine.boot(directory, spawned, deadline, restore), spawned, place.record);
}

/** A copy of the disk that the template's guest has mounted. */
async function diskOf(
  { podDisks }: RuntimeContext,
  { disk }: MachineTemplate,
  id: string,
): Promise<InheritedDescriptor[]> {
  if (!disk) return [];
  const file = await podDisks.makeBlank(id, disk);
  try {
    return [reopened(file)];
  } finally {
    await file.close();
  }
}

function openTapOf({ tap }: ClonePlace): InheritedDescriptor[] {
  return tap?.descriptor === undefined ? [] : [{ descriptor: tap.descriptor, name: tap.name }];
}

/**
 * Loads the template's state; the guest runs on by itself then, and QEMU ends when it cannot load it. QEMU must not
 * announce the template's hardware address on the network.
 */
async function restore(qmp: QmpClient): Promise<void> {
  const capabilities = [{ capability: "x-ignore-shared", state: true }];
  await Promise.all([
    qmp.execute("migrate-set-capabilities", { capabilities }),
    qmp.execute("migrate-set-parameters", { "announce-rounds": 0 }),
    qmp.execute("migrate-incoming", { uri: `fd:${inheritedNumber(1)}` }),
  ]);
}
