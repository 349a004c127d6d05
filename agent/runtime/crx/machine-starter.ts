import { rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../../supervisor/base/errors.ts";
import { timeoutSignal } from "../../../supervisor/base/timeout-signal.ts";
import { type PodSandboxConfig, RuntimeError } from "../runtime.ts";
import { bootMachine, type NewSandbox } from "./boot-machine.ts";
import { growMemory } from "./growth.ts";
import { sandboxRequest } from "./guest/sandbox-request.ts";
import { machineLimits } from "./jail/machine-limits.ts";
import type { Machine } from "./machine.ts";
import { controlSocketName, qmpSocketName, streamsSocketName } from "./qemu/command-line.ts";
import type { Emulator, RuntimeContext } from "./runtime-context.ts";
import { cloneMachine } from "./template/clone-machine.ts";
import type { MachineTemplate } from "./template/machine-template.ts";
import type { TemplateKeeper } from "./template/template-keeper.ts";

/** A machine whose guest has its identity, and all of its memory. */
export interface StartedMachine {
  readonly machine: Machine;
  readonly kernelVersion: string;
  readonly start: "clone" | "boot";
}

/** A clone answers within a second; a quarter of what a boot may take leaves time for the boot instead of it. */
const cloneShare = 0.25;

/** Starts machines: clones where there is a template, and boots them where there is none or the clone fails. */
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
    const template = this.#templates?.current();
    if (template && fits(template, sandbox.config)) {
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

  async #clone(template: MachineTemplate, sandbox: NewSandbox, signal: AbortSignal): Promise<StartedMachine> {
    const { id, config } = sandbox;
    const deadline = this.#deadline(id, cloneShare * this.#context.bootTimeoutMs, signal);
    try {
      const memoryBytes = Math.max(config.memoryBytes, template.shape.memoryBytes);
      const limits = machineLimits(memoryBytes, config.cpuWeight, this.#emulator.accelerator);
      const place = { ...sandbox, limits, ...(config.network && { network: config.network }) };
      const [machine, hello] = await cloneMachine(
        this.#context,
        this.#emulator,
        template,
        place,
        deadline.signal,
      );
      await this.#identify(machine, config, async () => {
        const more = config.memoryBytes - template.shape.memoryBytes;
        if (more > 0) await growMemory(machine.qmp, more, deadline.signal);
      });
      return { machine, kernelVersion: hello.kernelVersion, start: "clone" };
    } finally {
      deadline.stop();
    }
  }

  async #boot(sandbox: NewSandbox, signal: AbortSignal): Promise<StartedMachine> {
    const deadline = this.#deadline(sandbox.id, this.#context.bootTimeoutMs, signal);
    try {
      const [machine, hello] = await bootMachine(this.#context, this.#emulator, sandbox, deadline.signal);
      await this.#identify(machine, sandbox.config);
      return { machine, kernelVersion: hello.kernelVersion, start: "boot" };
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

  #deadline(id: string, limitMs: number, signal: AbortSignal): ReturnType<typeof timeoutSignal> {
    const text = `The guest of sandbox ${id} did not answer within ${limitMs} ms`;
    return timeoutSignal(this.#context.clock, limitMs, () => new RuntimeError("timeout", text), signal);
  }
}

/** A QEMU that is still on its way out could answer on them. */
async function removeSockets(directory: string): Promise<void> {
  const names = [qmpSocketName, controlSocketName, streamsSocketName];
  await Promise.all(names.map((name) => rm(join(directory, name), { force: true })));
}

/** Whether a clone can become this sandbox's machine. */
function fits({ shape }: MachineTemplate, config: PodSandboxConfig): boolean {
  return (
    config.kernel === undefined &&
    config.cpuCount <= shape.maxCpuCount &&
    config.memoryBytes <= shape.maxMemoryBytes &&
    shape.hasNetwork === (config.network !== undefined)
  );
}
