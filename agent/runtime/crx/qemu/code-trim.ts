import type { Clock } from "../../../../supervisor/base/clock.ts";
import { isRunning, type ProcessIdentity } from "../../../../supervisor/base/process-identity.ts";

/** What a container does first, after its start, is not translated twice. */
const quietMs = 20_000;
const answerMs = 10_000;

/**
 * Has an emulating QEMU forget the code that it translated for the start of a container, some 20 MiB that never run again.
 * The code trimmer (`host-images/code-trimmer`) does it at SIGURG, which does nothing to a QEMU without it.
 */
export class CodeTrim {
  readonly #process: ProcessIdentity;
  #cancel: () => void = () => {};

  constructor(process: ProcessIdentity) {
    this.#process = process;
  }

  /** A container has started: some time after the last call the code goes. */
  later(clock: Clock): void {
    this.#cancel();
    this.#cancel = clock.after(quietMs, () => this.#trim());
  }

  stop(): void {
    this.#cancel();
  }

  #trim(): void {
    if (!isRunning(this.#process)) return;
    try {
      process.kill(this.#process.pid, "SIGURG");
    } catch {
      // It ended between the look and the signal.
    }
  }
}

/** Whether this QEMU loads the code trimmer: it may be built without plugins, or for another version of their interface. */
export async function takesCodeTrimmer(qemuPath: string, codeTrimmerPath: string): Promise<boolean> {
  const machine = ["-M", "none", "-accel", "tcg", "-nodefaults", "-no-user-config", "-display", "none"];
  const plugin = ["-plugin", `${codeTrimmerPath.replaceAll(",", ",,")},bytes=0`];
  const child = Bun.spawn([qemuPath, ...machine, ...plugin, "-qmp", "stdio"], {
    stdin: Buffer.from('{"execute":"qmp_capabilities"}{"execute":"quit"}'),
    stdout: "ignore",
    stderr: "ignore",
    timeout: answerMs,
    killSignal: "SIGKILL",
  });
  return (await child.exited) === 0;
}
