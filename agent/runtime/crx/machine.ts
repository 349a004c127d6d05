import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import { isRunning, killProcess, type ProcessIdentity } from "../../../supervisor/base/process-identity.ts";
import { sleep } from "../../../supervisor/base/signals.ts";
import { RuntimeError } from "../runtime.ts";
import type { GuestHello } from "./channel/channel.ts";
import { ProtocolError } from "./channel/protocol.ts";
import { Guest } from "./guest/guest.ts";
import { type GuestPulse, watchGuest } from "./guest/watch-guest.ts";
import type { Patience } from "./patience.ts";
import { CodeTrim } from "./qemu/code-trim.ts";
import { consoleChardev, controlSocketName, qmpSocketName, streamsSocketName } from "./qemu/command-line.ts";
import { connectUnix } from "./qemu/connect-unix.ts";
import { QmpClient, QmpError, type QmpEvent } from "./qemu/qmp-client.ts";
import { qemuLogName, type SpawnedProcess } from "./qemu/spawn-qemu.ts";
import type { StartDeadline } from "./start-deadline.ts";

/** Why a machine ended by itself, as the sandbox's status says it. */
export interface MachineLoss {
  readonly reason: "QemuExited" | "GuestPanic" | "GuestHung" | "ProtocolError" | "BootTimeout";
  readonly message: string;
}

/** A machine ended while it was being started or taken over. */
class MachineLostError extends RuntimeError {
  constructor(readonly loss: MachineLoss) {
    super("create-failed", loss.message);
  }
}

/** Why a machine is lost whose start or takeover threw this. */
export function lossOf(error: unknown): MachineLoss {
  if (error instanceof MachineLostError) return error.loss;
  const isTimeout = error instanceof RuntimeError && error.kind === "timeout";
  return { reason: isTimeout ? "BootTimeout" : "QemuExited", message: messageOf(error) };
}

const connectIntervalMs = 5;
const postMortemMs = 2000;
const maxTailCharacters = 2000;

/** A running QEMU with its monitor and its guest. */
export class Machine {
  readonly process: ProcessIdentity;
  readonly #directory: string;
  readonly #lost = Promise.withResolvers<MachineLoss>();
  #qmp: QmpClient | undefined;
  #guest: Guest | undefined;
  readonly #sockets: Socket[] = [];
  readonly #released = new AbortController();
  readonly #codeTrim: CodeTrim;
  #isOver = false;
  #isLost = false;

  private constructor(directory: string, process: ProcessIdentity) {
    this.#directory = directory;
    this.process = process;
    this.#codeTrim = new CodeTrim(process);
  }

  /**
   * Waits until a freshly started QEMU's guest answers; `wake` does what the guest needs before it can. Throws
   * {@link MachineLostError} when QEMU ends or its guest dies, what `wake` throws, or the deadline's reason; then the
   * process is gone.
   */
  static async boot(
    directory: string,
    spawned: SpawnedProcess,
    deadline: StartDeadline,
    wake?: (qmp: QmpClient) => Promise<void>,
  ): Promise<[Machine, GuestHello]> {
    deadline.follow(spawned.identity);
    const early = new AbortController();
    spawned.exited.then(async () => early.abort(await exitError(directory)));
    const machine = new Machine(directory, spawned.identity);
    try {
      const signal = AbortSignal.any([deadline.signal, early.signal]);
      return [machine, await machine.#connect(signal, deadline, wake)];
    } catch (error) {
      await machine.destroy();
      throw error;
    }
  }

  /**
   * Connects to a QEMU that an earlier daemon started. Throws {@link MachineLostError} when it is not there any more or
   * its guest has died, or the deadline's reason; the process is not touched.
   */
  static async takeOver(
    directory: string,
    process: ProcessIdentity,
    deadline: StartDeadline,
  ): Promise<[Machine, GuestHello]> {
    deadline.follow(process);
    const machine = new Machine(directory, process);
    try {
      return [machine, await machine.#connect(deadline.signal, deadline)];
    } catch (error) {
      machine.release();
      throw error;
    }
  }

  /** Resolves when the machine has ended by itself; its process is gone then. Never after `destroy` or `release`. */
  get lost(): Promise<MachineLoss> {
    return this.#lost.promise;
  }

  get guest(): Guest {
    if (!this.#guest) throw new RuntimeError("sandbox-gone", "The machine has no guest yet");
    return this.#guest;
  }

  get qmp(): QmpClient {
    if (!this.#qmp) throw new RuntimeError("sandbox-gone", "The machine has no monitor yet");
    return this.#qmp;
  }

  /** It is of no use any more: it has ended, or was let go. */
  get isReleased(): boolean {
    return this.#isOver;
  }

  /** From now on a guest that does not answer is lost, and one whose clock is wrong gets the host's time. */
  watch(clock: Clock, pulse: GuestPulse): void {
    watchGuest(this.guest, clock, pulse, this.#released.signal).then((verdict) => {
      if (verdict) this.#lose("GuestHung", verdict);
    });
  }

  /** A container was started: what its start needed of the host's memory goes back to it after a while. */
  trimLater(clock: Clock): void {
    if (!this.#isOver) this.#codeTrim.later(clock);
  }

  /** Kills QEMU and resolves when it is gone. */
  async destroy(): Promise<void> {
    this.release();
    await killProcess(this.process);
  }

  /** Lets go of the machine without touching it. */
  release(): void {
    this.#isOver = true;
    this.#released.abort();
    this.#codeTrim.stop();
    this.#guest?.close();
    this.#qmp?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** What fails because the machine died is told as its death. */
  async #connect(
    signal: AbortSignal,
    deadline: StartDeadline,
    wake?: (qmp: QmpClient) => Promise<void>,
  ): Promise<GuestHello> {
    try {
      return await this.#greet(signal, deadline.patience(this.process), wake);
    } catch (error) {
      if (this.#isLost) throw new MachineLostError(await this.lost);
      if (error instanceof QmpError && error.kind === "closed") throw await exitError(this.#directory);
      throw error;
    }
  }

  async #greet(
    signal: AbortSignal,
    patience: Patience,
    wake?: (qmp: QmpClient) => Promise<void>,
  ): Promise<GuestHello> {
    const names = [qmpSocketName, controlSocketName, streamsSocketName];
    const [monitor, control, streams] = await Promise.all(
      names.map((name) => this.#openSocket(name, signal)),
    );
    if (!monitor || !control || !streams) throw new Error("A machine has three sockets");
    const qmp = await QmpClient.open(monitor, { signal, patience });
    const guest = new Guest(control, streams, (error) => this.#guestEnded(error), patience);
    this.#qmp = qmp;
    this.#guest = guest;
    qmp.onEvent((event) => this.#event(event));
    qmp.closed.then(() => this.#lose("QemuExited", "QEMU exited"));
    await this.#checkStatus(qmp);
    await wake?.(qmp);
    return guest.hello(signal);
  }

  async #openSocket(name: string, signal: AbortSignal): Promise<Socket> {
    for (;;) {
      signal.throwIfAborted();
      try {
        const socket = await connectUnix(this.#directory, name);
        this.#sockets.push(socket);
        return socket;
      } catch {
        // QEMU has not made its sockets yet, or never will.
        if (!isRunning(this.process)) throw await exitError(this.#directory);
      }
      await sleep(connectIntervalMs, signal);
    }
  }

  /** A guest that died while nobody was connected sends no event. */
  async #checkStatus(qmp: QmpClient): Promise<void> {
    const answer = await qmp.execute("query-status");
    const status = String(Object(answer).status);
    if (status === "guest-panicked") this.#lose("GuestPanic", "The guest's kernel panicked");
    if (status === "shutdown") this.#lose("QemuExited", "The guest powered off");
    if (status === "internal-error" || status === "io-error")
      this.#lose("QemuExited", `QEMU stopped: ${status}`);
  }

  #event({ event, data }: QmpEvent): void {
    if (event === "GUEST_PANICKED") this.#lose("GuestPanic", "The guest's kernel panicked");
    if (event === "SHUTDOWN" && data.reason === "guest-reset")
      this.#lose("GuestPanic", "The guest reset itself");
    if (event === "SHUTDOWN" && data.reason === "guest-shutdown")
      this.#lose("QemuExited", "The guest powered off");
  }

  #guestEnded(error: Error): void {
    if (error instanceof ProtocolError) this.#lose("ProtocolError", error.message);
    else this.#lose("QemuExited", error.message);
  }

  /** The first reason counts. Resolves `lost` when the guest's last words are read and QEMU is gone. */
  async #lose(reason: MachineLoss["reason"], text: string): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isLost = true;
    const consoleTail = await this.#readConsole();
    // A process that even SIGKILL does not end hangs in the kernel: the machine is lost all the same.
    await this.destroy().catch(() => {});
    const tail = consoleTail || (reason === "QemuExited" ? await readLogTail(this.#directory) : "");
    this.#lost.resolve({ reason, message: tail ? `${text}: ${tail}` : text });
  }

  async #readConsole(): Promise<string> {
    try {
      const args = { device: consoleChardev, size: 64 << 10 };
      const text = await this.#qmp?.execute("ringbuf-read", args, postMortemMs);
      return tailOf(String(text ?? ""));
    } catch {
      return "";
    }
  }
}

async function exitError(directory: string): Promise<MachineLostError> {
  const log = await readLogTail(directory);
  return new MachineLostError({ reason: "QemuExited", message: log ? `QEMU ended: ${log}` : "QEMU ended" });
}

/** The last words of QEMU and of its helpers. */
export async function readLogTail(directory: string): Promise<string> {
  return tailOf(await readFile(join(directory, qemuLogName), "utf8").catch(() => ""));
}

/** The end of a text that a guest or QEMU wrote, on one line and without control characters. */
function tailOf(text: string): string {
  const clean = text.replaceAll(/[^\x20-\x7e]+/g, " ").trim();
  return clean.slice(-maxTailCharacters);
}
