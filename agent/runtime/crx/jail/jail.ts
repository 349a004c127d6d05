import { basename, dirname, join } from "node:path";
import type { GuestImage } from "../guest-image.ts";
import { codeTrimmerPath, guestFolder } from "./jail-root.ts";
import type { MachineDescriptors } from "./machine-descriptors.ts";
import { maxThreads } from "./machine-limits.ts";

/**
 * How far machines are kept from the host and from each other. `full`: each has a user of its own, namespaces and a
 * root. `namespaces`: they share the daemon's user, which is nobody's in their namespaces. `none`: no namespaces either.
 */
export type JailLevel = "full" | "namespaces" | "none";

export interface JailOptions {
  readonly level: JailLevel;
  /** For people: why it is not `full`. */
  readonly message: string;
  readonly guestImage: GuestImage;
  /** The folder of {@link makeJailRoot}. */
  readonly root: string;
}

/** A program that is to run in a jail. */
export interface JailedProgram {
  readonly program: string;
  readonly args: readonly string[];
  /** The number of its user and group, from {@link JailUsers}; used at the level `full`. */
  readonly user: number;
  readonly descriptors: MachineDescriptors;
  /** Whether it gets `/dev/kvm`. */
  readonly kvm: boolean;
  /** How large a file that it writes to may become, beside its log. */
  readonly maxFileBytes: number;
  /** The control group that it joins; absent where something else puts it there. */
  readonly cgroup?: string;
}

export interface JailCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** Beside the disk that it may write to QEMU writes nothing but its log. */
const maxLogBytes = 1 << 20;

/** The jail that every machine of a host runs in. `host-images/jailer` makes it, then becomes the program by exec. */
export class Jail {
  readonly level: JailLevel;
  readonly message: string;
  readonly #image: GuestImage;
  readonly #root: string;

  constructor({ level, message, guestImage, root }: JailOptions) {
    this.level = level;
    this.message = message;
    this.#image = guestImage;
    this.#root = root;
  }

  /** Where a machine finds the guest's kernel and initial file system. */
  get kernel(): Pick<GuestImage, "kernelPath" | "initrdPath" | "kernelArguments"> {
    if (this.level === "none") return this.#image;
    const { kernelPath, initrdPath, kernelArguments } = this.#image;
    const inside = (path: string): string => join(guestFolder, basename(path));
    return { kernelPath: inside(kernelPath), initrdPath: inside(initrdPath), kernelArguments };
  }

  /** Where QEMU finds what it loads to give memory back. */
  get codeTrimmerPath(): string {
    return this.level === "none" ? this.#image.codeTrimmerPath : codeTrimmerPath;
  }

  /** The command that puts a program into the jail; its working directory is where the sockets are to be. */
  command({ program, args, user, descriptors, kvm, maxFileBytes, cgroup }: JailedProgram): JailCommand {
    const group = cgroup === undefined ? [] : ["--cgroup", cgroup];
    const limits = ["--file-bytes", `${Math.max(maxLogBytes, maxFileBytes)}`, "--processes", `${maxThreads}`];
    const options = [...group, ...this.#confinement(user, kvm), ...limits, ...descriptors.options];
    return { command: this.#image.jailerPath, args: [...options, "--", program, ...args] };
  }

  /** The command that makes a jail and ends. */
  trial(user: number): JailCommand {
    return { command: this.#image.jailerPath, args: this.#confinement(user, false) };
  }

  #confinement(user: number, kvm: boolean): string[] {
    if (this.level === "none") return [];
    return [
      ...(this.level === "full" ? ["--user", `${user}`] : []),
      ...["--root", this.#root],
      ...["--folder", `${dirname(this.#image.kernelPath)}=${guestFolder}`],
      ...["--kvm", kvm ? "1" : "0"],
    ];
  }
}
