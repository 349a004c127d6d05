import { availableParallelism } from "node:os";
import type { PodSandboxConfig, StartMode } from "../runtime.ts";
import { MachineStarter } from "./machine-starter.ts";
import { type ClonePool, openPool } from "./pool/open-pool.ts";
import type { PooledMachine } from "./pool/pooled-machine.ts";
import type { Emulator, RuntimeContext } from "./runtime-context.ts";
import { StartGate } from "./start-gate.ts";
import { fitsTemplate } from "./template/fits-template.ts";
import { makeTemplate } from "./template/make-template.ts";
import { TemplateKeeper } from "./template/template-keeper.ts";
import { templateShape } from "./template/template-shape.ts";

export interface CloningSettings {
  /** Whether Pods have a network. */
  readonly hasNetwork: boolean;
  /** How many clones wait for Pods; none by default. */
  readonly poolSize?: number;
}

export interface MachineSupplyOptions {
  readonly context: RuntimeContext;
  readonly emulator: Emulator;
  /** Where the machines' folders lie. */
  readonly folder: string;
  /** Without it all machines boot. */
  readonly cloning: CloningSettings | undefined;
}

/** After the host lacked memory. */
const poolPauseMs = 300_000;
/** A start waits for its processes and for its disk at times, so more of them than processors run beside each other. */
const startsAtOnce = Math.max(4, 2 * availableParallelism());

/** Where machines come from: the template, the pool of its clones, and the boot that is left without them. */
export class MachineSupply {
  readonly starter: MachineStarter;
  readonly #templates: TemplateKeeper | undefined;
  readonly #pool: ClonePool | undefined;
  readonly #gate: StartGate;

  /** Begins to make the template, which nobody waits for. */
  constructor({ context, emulator, folder, cloning }: MachineSupplyOptions) {
    if (cloning) {
      const shape = templateShape(cloning.hasNetwork);
      const templates = new TemplateKeeper({
        context,
        programPath: emulator.qemu.path,
        make: (stopped) => makeTemplate(context, emulator, shape, folder, stopped),
        changed: () => void this.#pool?.renew(),
      });
      const size = cloning.poolSize ?? 0;
      this.#templates = templates;
      this.#pool = size === 0 ? undefined : openPool({ context, emulator, folder }, templates, size);
      templates.begin();
    }
    this.#gate = new StartGate(startsAtOnce, context.clock);
    this.starter = new MachineStarter(context, emulator, this.#templates);
  }

  get startMode(): StartMode {
    return this.#templates?.mode ?? { kind: "boot", message: "Machines boot, as configured" };
  }

  /** How many machines wait for sandboxes. */
  get spareCount(): number {
    return this.#pool?.count ?? 0;
  }

  /** Resolves when no template is being made. */
  async settled(): Promise<void> {
    await this.#templates?.settled();
  }

  /** A machine of the pool that can become what is asked for; undefined where there is none. */
  async take(config: Omit<PodSandboxConfig, "network">): Promise<PooledMachine | undefined> {
    const template = this.#templates?.current();
    return template && fitsTemplate(template, config) ? await this.#pool?.take() : undefined;
  }

  /** Ends the pool's machines, and makes none for some minutes. */
  async endSpares(): Promise<void> {
    await this.#pool?.empty(poolPauseMs);
  }

  /** Does what a Pod waits for that has its machine; the pool's machines are made at other times. */
  aside<T>(work: () => Promise<T>): Promise<T> {
    return this.#holding(() => this.#gate.step(work));
  }

  /** Starts a machine for a Pod, when it is its turn. Throws the signal's reason. */
  inTurn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#holding(() => this.#gate.machine(work, signal));
  }

  async #holding<T>(work: () => Promise<T>): Promise<T> {
    const release = this.#pool?.hold();
    try {
      return await work();
    } finally {
      release?.();
    }
  }

  async close(): Promise<void> {
    await this.#pool?.close();
    await this.#templates?.close();
  }
}
