import { statSync } from "node:fs";
import { asError, messageOf } from "../../../../supervisor/base/errors.ts";
import type { StartMode } from "../../runtime.ts";
import type { RuntimeContext } from "../runtime-context.ts";
import type { MachineTemplate } from "./machine-template.ts";

/** So many clones in a row may fail, each with a template of its own, until machines only boot. */
const maxFailures = 3;

export interface TemplateKeeperOptions {
  readonly context: Pick<RuntimeContext, "logger" | "clock">;
  /** QEMU. */
  readonly programPath: string;
  readonly make: (signal: AbortSignal) => Promise<MachineTemplate>;
  /** Called when there is another template, or none any more. */
  readonly changed?: () => void;
}

/**
 * Keeps a host's template: makes it in the background, and a new one when QEMU's program was replaced or a clone
 * failed. Kernel, accelerator and processor stay the same while the daemon runs, and a template goes with the daemon.
 */
export class TemplateKeeper {
  readonly #options: TemplateKeeperOptions;
  readonly #stop = new AbortController();
  #template: MachineTemplate | undefined;
  #making: Promise<void> | undefined;
  #program = "";
  #failures = 0;
  #problem = "the template is being made";

  constructor(options: TemplateKeeperOptions) {
    this.#options = options;
  }

  /** Begins to make the template. */
  begin(): void {
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined;
    });
  }

  /** Resolves when no template is being made. */
  async settled(): Promise<void> {
    await this.#making;
  }

  /** The template, when there is one that fits QEMU's program. */
  current(): MachineTemplate | undefined {
    if (this.#template && programIdentity(this.#options.programPath) !== this.#program) {
      this.#options.context.logger.info("QEMU was replaced: making a new template");
      this.#drop("QEMU was replaced, a new template is being made");
      this.begin();
    }
    return this.#template;
  }

  get mode(): StartMode {
    if (this.#template) return { kind: "clone", message: "Machines are cloned from a template" };
    return { kind: "boot", message: `Machines boot: ${this.#problem}` };
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** A clone of this template did not start: its like would fail again. */
  failed(template: MachineTemplate, error: unknown): void {
    if (template !== this.#template) return;
    this.#failures++;
    this.#drop(`a clone failed: ${messageOf(error)}`);
    if (this.#failures < maxFailures) this.begin();
    else
      this.#options.context.logger.warn(`${maxFailures} clones in a row failed: machines boot from now on`);
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error("The runtime is closing"));
    await this.#making;
    this.#drop("the runtime is closed");
  }

  #drop(problem: string): void {
    this.#template?.close();
    this.#template = undefined;
    this.#problem = problem;
    this.#options.changed?.();
  }

  async #make(): Promise<void> {
    const { context, programPath, make } = this.#options;
    const begunAt = context.clock.now();
    try {
      const program = programIdentity(programPath);
      const template = await make(this.#stop.signal);
      this.#program = program;
      this.#template = template;
      context.logger.info("Template is ready: machines are cloned", {
        tookMs: context.clock.now() - begunAt,
      });
      this.#options.changed?.();
    } catch (error) {
      this.#problem = `the template could not be made: ${messageOf(error)}`;
      if (this.#stop.signal.aborted) return;
      context.logger.warn("No template could be made: machines boot, which takes longer", {
        error: asError(error),
      });
    }
  }
}

/** Another program of the same name would not load this one's state. */
function programIdentity(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : "";
}
