import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { machinePorts } from "../../../agent/runtime/crx/boot-machine.ts";
import { Jail } from "../../../agent/runtime/crx/jail/jail.ts";
import { MachineDescriptors } from "../../../agent/runtime/crx/jail/machine-descriptors.ts";
import { qemuCommandLine } from "../../../agent/runtime/crx/qemu/command-line.ts";
import { connectUnix } from "../../../agent/runtime/crx/qemu/connect-unix.ts";
import { guardedFolder } from "../../framework/guarded-folder.ts";
import { GuestSession } from "./guest-session.ts";

/** Only for what hangs: on a busy machine an emulated guest takes many times its usual seconds. */
const patienceMs = 300_000;

export interface GuestImages {
  readonly kernelPath: string;
  readonly initrdPath: string;
  readonly jailerPath: string;
  readonly fileServerPath: string;
  readonly codeTrimmerPath: string;
  readonly kernelArguments: string;
}

/** What `host-images/build.sh` left in `dist/guest` (or `$PACIFIC_DIST/guest`), or undefined. */
export function builtImages(): GuestImages | undefined {
  const built = new URL("../../../dist", import.meta.url).pathname;
  const folder = join(process.env.PACIFIC_DIST ?? built, "guest");
  try {
    const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
    return {
      kernelPath: join(folder, manifest.kernel.file),
      initrdPath: join(folder, manifest.initramfs.file),
      jailerPath: join(folder, manifest.jailer.file),
      fileServerPath: join(folder, manifest.fileServer.file),
      codeTrimmerPath: join(folder, manifest.codeTrimmer.file),
      kernelArguments: manifest.kernelArguments,
    };
  } catch {
    return undefined;
  }
}

interface MachineSettings {
  readonly images: GuestImages;
  readonly disks?: ReadonlyArray<{ readonly path: string; readonly serial: string }>;
  readonly memoryBytes?: number;
}

/** A guest in QEMU, with a folder of its own that goes with it. */
export class Machine {
  readonly directory = guardedFolder("guest");
  readonly qemu: ChildProcess;
  readonly exited: Promise<void>;

  constructor(settings: MachineSettings) {
    const { images, disks = [] } = settings;
    const descriptors = new MachineDescriptors();
    const args = qemuCommandLine({
      kernel: images,
      directory: this.directory,
      ports: machinePorts(descriptors),
      accelerator: "tcg",
      cpuCount: 1,
      memoryBytes: settings.memoryBytes ?? 256 << 20,
      disks: disks.map(({ path, serial }) => ({ descriptor: descriptors.read(path), serial })),
    });
    const guestImage = { id: "test", ...images };
    const jail = new Jail({ level: "none", message: "", guestImage, root: "" });
    const program = Bun.which("qemu-system-x86_64") ?? "";
    const jailed = jail.command({ program, args, user: 0, descriptors, kvm: false, maxFileBytes: 0 });
    this.qemu = spawn(jailed.command, jailed.args, { cwd: this.directory, stdio: "ignore" });
    this.exited = new Promise((resolve) => {
      this.qemu.once("exit", () => resolve());
    });
  }

  /** Connects to one of QEMU's sockets as soon as it listens. */
  async connect(name: "control" | "streams" | "qmp"): Promise<Socket> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      try {
        return await connectUnix(this.directory, `${name}.sock`);
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await Bun.sleep(5);
      }
    }
  }

  /** Connects as a daemon does, and waits for the guest's hello. */
  async session(): Promise<GuestSession> {
    const session = new GuestSession(await this.connect("control"), await this.connect("streams"));
    await session.hello(AbortSignal.timeout(patienceMs));
    return session;
  }

  /** Listens to QEMU from when this resolves; the result waits for an event of this name and gives its data. */
  async listenFor(name: string): Promise<() => Promise<unknown>> {
    const socket = await this.connect("qmp");
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const lineWith = async (part: string): Promise<string> => {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`QEMU ended without ${part}`);
        if (value.includes(part)) return value;
      }
    };
    socket.write('{"execute":"qmp_capabilities"}\n');
    await lineWith('"return"');
    return async () => JSON.parse(await lineWith(`"event": "${name}"`)).data;
  }

  async end(): Promise<void> {
    this.qemu.kill("SIGKILL");
    await this.exited;
    rmSync(this.directory, { recursive: true, force: true });
  }
}
