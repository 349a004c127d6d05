import { rm } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../../supervisor/base/errors.ts";
import type { PodSandboxConfig } from "../runtime.ts";
import { bootMachine, type NewSandbox, unitName } from "./boot-machine.ts";
import { bootRoom } from "./boot-room.ts";
import { setMemory } from "./growth.ts";
import { sandboxRequest } from "./guest/sandbox-request.ts";
import { type MachineLimits, machineLimits } from "./jail/machine-limits.ts";
import type { Machine } from "./machine.ts";
import type { PooledMachine } from "./pool/pooled-machine.ts";
import { controlSocketName, qmpSocketName, streamsSocketName, wholeMebibytes } from "./qemu/command-line.ts";
import type { Emulator, RuntimeContext } from "./runtime-context.ts";
import type { GrowthRoom } from "./sandbox-record.ts";
import { StartDeadline } from "./start-deadline.ts";
import { cloneDeadline } from "./template/clone-deadline.ts";
import { cloneMachine } from "./template/clone-machine.ts";
import { fitsTemplate } from "./template/fits-template.ts";
import type { MachineTemplate } from "./template/machine-template.ts";
import type { TemplateKeeper } from "./template/template-keeper.ts";

/** A machine whose guest has its identity, and all of its memory. */
export interface StartedMachine {
  readonly machine: Machine;
  readonly kernelVersion: string;
  readonly start: "pool" | "clone" | "boot";
  readonly growth?: GrowthRoom;
}

/**
 * Starts machines: those of the pool become somebody; else they are clones where there is a template, and boot where
 * there is none or the clone fails.
 */
export class MachineStarter {
  readonly #context: RuntimeContext;
  readonly #emulator: Emulator;
  readonly #templates: TemplateKeeper | undefined;

  constructor(context: RuntimeContext, emulator: Emulator, templates: TemplateKeeper | undefined) {
    this.#context = context;
    this.#emulator = emulator;
    this.#templates = templates;
  }

  /** When it throws, no process is left. */
  async start(sandbox: NewSandbox, signal: AbortSignal): Promise<StartedMachine> {
    // Whoever asked for a machine of the pool made that one's tap the sandbox's: no other can stand in for it.
    if (sandbox.spare) return await this.#wake(sandbox.spare, sandbox, signal);
    const template = this.#templates?.current();
    if (template && fits(template, sandbox)) {
      try {
        const started = await this.#clone(template, sandbox, signal);
        this.#templates?.succeeded();
        return started;
      } catch (error) {
        signal.throwIfAborted();
        const reason = messageOf(error);
        this.#context.logger.warn("A clone failed: its machine boots instead", {
          sandbox: sandbox.id,
          reason,
        });
        this.#templates?.failed(template, error);
        await removeSockets(sandbox.directory);
      }
    }
    return this.#boot(sandbox, signal);
  }

  /** When it throws, the machine is gone. */
  async #wake(
    spare: PooledMachine,
    { id, config, record }: NewSandbox,
    signal: AbortSignal,
  ): Promise<StartedMachine> {
    const { machine, template, kernelVersion } = spare;
    const deadline = cloneDeadline(this.#context, template, guestOf(id), signal);
    deadline.follow(machine.process);
    try {
      await this.#identify(machine, config, async () => {
        await record(machine.process);
        const limits = { from: spare.limits, to: this.#limits(template, config) };
        await this.#context.cgroups.change(id, { unitName: unitName(id), ...limits });
        await this.#grow(config, spare, deadline.signal);
      });
      return { machine, kernelVersion, start: "pool", growth: this.#growthRoom(template) };
    } finally {
      deadline.stop();
    }
  }

  async #clone(template: MachineTemplate, sandbox: NewSandbox, signal: AbortSignal): Promise<StartedMachine> {
    const { id, config } = sandbox;
    const deadline = cloneDeadline(this.#context, template, guestOf(id), signal);
    try {
      const limits = this.#limits(template, config);
      const place = { ...sandbox, limits, ...(config.network && { tap: { name: config.network.tapName } }) };
      const [machine, hello] = await cloneMachine(this.#context, this.#emulator, template, place, deadline);
      const clone = { machine, template };
      await this.#identify(machine, config, () => this.#grow(config, clone, deadline.signal));
      return {
        machine,
        kernelVersion: hello.kernelVersion,
        start: "clone",
        growth: this.#growthRoom(template),
      };
    } finally {
      deadline.stop();
    }
  }

  async #boot(sandbox: NewSandbox, signal: AbortSignal): Promise<StartedMachine> {
    const { config } = sandbox;
    const { clock, logger, bootTimeoutMs } = this.#context;
    const what = guestOf(sandbox.id);
    const deadline = new StartDeadline({ clock, logger, what, limitMs: bootTimeoutMs }, signal);
    try {
      const [machine, hello] = await bootMachine(this.#context, this.#emulator, sandbox, deadline);
      await this.#identify(machine, config, async () => letGrow(machine, config));
      const { kernelVersion } = hello;
      return { machine, kernelVersion, start: "boot", growth: this.#bootedRoom(config) };
    } finally {
      deadline.stop();
    }
  }

  /** Gives a guest its identity before anything else. When that or `then` throws, the machine is gone. */
  async #identify(machine: Machine, config: PodSandboxConfig, then?: () => Promise<void>): Promise<void> {
    try {
      await machine.guest.configure(sandboxRequest(config, this.#context.clock.now()));
      await then?.();
    } catch (error) {
      await machine.destroy();
      throw error;
    }
  }

  /** Plugs in what a sandbox has beyond its template, and lets its guest ask for more where it may. */
  async #grow(
    config: PodSandboxConfig,
    { machine, template }: { readonly machine: Machine; readonly template: MachineTemplate },
    signal: AbortSignal,
  ): Promise<void> {
    const { templateBytes, roomBytes } = this.#growthRoom(template);
    const more = config.memoryBytes - templateBytes;
    if (more > 0) await setMemory(machine.qmp, more, roomBytes - templateBytes, signal);
    letGrow(machine, config);
  }

  #growthRoom({ shape }: MachineTemplate): GrowthRoom {
    return this.#room(shape.memoryBytes, shape.maxMemoryBytes);
  }

  #bootedRoom(config: PodSandboxConfig): GrowthRoom {
    return this.#room(wholeMebibytes(config.memoryBytes), bootRoom(config).maxMemoryBytes);
  }

  #room(templateBytes: number, maxMemoryBytes: number): GrowthRoom {
    const { accelerator } = this.#emulator;
    const roomBytes = Math.max(templateBytes, Math.min(maxMemoryBytes, totalmem()));
    return { templateBytes, roomBytes, accelerator };
  }

  #limits({ shape }: MachineTemplate, { memoryBytes, cpuWeight }: PodSandboxConfig): MachineLimits {
    return machineLimits(Math.max(memoryBytes, shape.memoryBytes), cpuWeight, this.#emulator.accelerator);
  }
}

function guestOf(id: string): string {
  return `The guest of sandbox ${id}`;
}

function fits(template: MachineTemplate, { config }: NewSandbox): boolean {
  return fitsTemplate(template, config) && template.shape.hasNetwork === (config.network !== undefined);
}

/** Lets the guest ask for more where it may. Nobody waits for this: it has enough to begin with. */
function letGrow(machine: Machine, config: PodSandboxConfig): void {
  if (config.maxMemoryBytes !== undefined) machine.guest.letGrow().catch(() => {});
}

/** A QEMU that is still on its way out could answer on them. */
async function removeSockets(directory: string): Promise<void> {
  const names = [qmpSocketName, controlSocketName, streamsSocketName];
  await Promise.all(names.map((name) => rm(join(directory, name), { force: true })));
}
