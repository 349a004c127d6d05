/** Clones of a template and nothing around them: no runtime, no record, no Pod. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { usualPulse } from "../../agent/runtime/crx/guest/watch-guest.ts";
import { unpackGuestImage } from "../../agent/runtime/crx/guest-image.ts";
import { JailUsers } from "../../agent/runtime/crx/jail/jail-users.ts";
import { MachineCgroups } from "../../agent/runtime/crx/jail/machine-cgroups.ts";
import { machineLimits } from "../../agent/runtime/crx/jail/machine-limits.ts";
import { openJail } from "../../agent/runtime/crx/jail/open-jail.ts";
import { defaultLogLimits } from "../../agent/runtime/crx/log/log-file.ts";
import type { Machine } from "../../agent/runtime/crx/machine.ts";
import { MemoryRoom } from "../../agent/runtime/crx/memory/memory-room.ts";
import { PodDisks } from "../../agent/runtime/crx/pod-disk/pod-disks.ts";
import { findQemu } from "../../agent/runtime/crx/qemu/find-qemu.ts";
import { managedBySystemd, spawnDetached } from "../../agent/runtime/crx/qemu/spawn-qemu.ts";
import type { Emulator, RuntimeContext } from "../../agent/runtime/crx/runtime-context.ts";
import { StartDeadline } from "../../agent/runtime/crx/start-deadline.ts";
import { cloneMachine } from "../../agent/runtime/crx/template/clone-machine.ts";
import type { MachineTemplate } from "../../agent/runtime/crx/template/machine-template.ts";
import { makeTemplate } from "../../agent/runtime/crx/template/make-template.ts";
import { templateShape } from "../../agent/runtime/crx/template/template-shape.ts";
import { systemClock } from "../../supervisor/base/clock.ts";
import { builtImage, quiet, temporaryFolder } from "../integration/crx/fixtures.ts";
import { cpuMs } from "./machine-floor.ts";

const signal = new AbortController().signal;
const answerMs = 60_000;

export interface BareFleet {
  readonly tookMs: number;
  /** Processor time of each one's QEMU, and of the process that started it. */
  readonly machineCpuMs: number;
  readonly starterCpuMs: number;
}

export class BareClones {
  readonly #folder: ReturnType<typeof temporaryFolder>;
  readonly #context: RuntimeContext;
  readonly #emulator: Emulator;
  readonly #template: MachineTemplate;
  #count = 0;

  private constructor(
    folder: ReturnType<typeof temporaryFolder>,
    context: RuntimeContext,
    emulator: Emulator,
    template: MachineTemplate,
  ) {
    this.#folder = folder;
    this.#context = context;
    this.#emulator = emulator;
    this.#template = template;
  }

  static async open(): Promise<BareClones> {
    const folder = temporaryFolder();
    const dataDir = folder.path;
    const guestImage = await unpackGuestImage(dataDir, builtImage);
    const users = new JailUsers(dataDir);
    const podDisks = new PodDisks(join(dataDir, "pod-disks"), quiet);
    await podDisks.prepare();
    const context: RuntimeContext = {
      guestImage,
      users,
      podDisks,
      logLimits: defaultLogLimits,
      bootTimeoutMs: answerMs,
      pulse: usualPulse,
      logger: quiet,
      clock: systemClock,
      cgroups: new MachineCgroups({
        mount: "/sys/fs/cgroup",
        instance: "bare",
        isRoot: process.getuid?.() === 0,
        hasSystemd: managedBySystemd(),
        clock: systemClock,
      }),
      room: new MemoryRoom(systemClock),
      spawn: spawnDetached,
      emit: () => {},
    };
    await context.cgroups.open(new Set());
    const qemu = await findQemu();
    const jail = await openJail({ dataDir, qemuPath: qemu.path, guestImage, users, logger: quiet });
    const emulator: Emulator = { qemu, jail, accelerator: "tcg", trimsCode: false };
    const template = await makeTemplate(context, emulator, templateShape(false), dataDir, signal);
    return new BareClones(folder, context, emulator, template);
  }

  /** How long it took until one answered a ping; it is gone then. */
  async one(): Promise<number> {
    const begunAt = performance.now();
    const machine = await this.#start();
    const tookMs = performance.now() - begunAt;
    await machine.destroy();
    return tookMs;
  }

  /** How long it took until so many had answered, some of them at a time, and what each cost; they are gone then. */
  async fleet(count: number, atOnce: number): Promise<BareFleet> {
    const begunAt = performance.now();
    const begunCpu = process.cpuUsage();
    const machines: Machine[] = [];
    let left = count;
    const worker = async (): Promise<void> => {
      while (left-- > 0) machines.push(await this.#start());
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    const tookMs = performance.now() - begunAt;
    const { user, system } = process.cpuUsage(begunCpu);
    const usedMs = machines.map(({ process: { pid } }) => cpuMs(pid)).reduce((sum, each) => sum + each, 0);
    await Promise.all(machines.map((machine) => machine.destroy()));
    return { tookMs, machineCpuMs: usedMs / count, starterCpuMs: (user + system) / 1000 / count };
  }

  close(): void {
    this.#template.close();
    this.#folder.remove();
  }

  async #start(): Promise<Machine> {
    const id = `bare-${++this.#count}`;
    const directory = join(this.#folder.path, id);
    mkdirSync(directory);
    const limits = machineLimits(this.#template.shape.memoryBytes, 100, "tcg");
    const place = { id, directory, user: this.#context.users.allocate(), limits };
    const { clock, logger } = this.#context;
    const what = "A bare clone";
    const deadline = new StartDeadline({ clock, logger, what, limitMs: answerMs }, signal);
    const [machine] = await cloneMachine(
      this.#context,
      this.#emulator,
      this.#template,
      { ...place, record: () => Promise.resolve() },
      deadline,
    );
    deadline.stop();
    await machine.guest.ping(answerMs);
    return machine;
  }
}
