/** An open descriptor of the daemon's that a machine inherits; `name` is for messages. */
export interface InheritedDescriptor {
  readonly descriptor: number;
  readonly name: string;
}

const firstNumber = 3;

/**
 * The descriptors that a machine's QEMU starts with: first those that it inherits, then those that the jailer opens for
 * it before it gives up its rights. Each method gives the descriptor's number in QEMU.
 */
export class MachineDescriptors {
  readonly #inherited: readonly InheritedDescriptor[];
  readonly #options: string[] = [];

  constructor(inherited: readonly InheritedDescriptor[] = []) {
    this.#inherited = inherited;
    for (const { name } of inherited) this.#add("--inherit", name);
  }

  /** A unix socket of this name in the sandbox's folder that QEMU accepts connections on. */
  listen(socketName: string): number {
    return this.#add("--listen", socketName);
  }

  /** A file or block device, for reading. */
  read(path: string): number {
    return this.#add("--read", path);
  }

  /** A persistent tap of the host. */
  tap(name: string): number {
    return this.#add("--tap", name);
  }

  /** What the jailer opens, in the words of its command line. */
  get options(): readonly string[] {
    return this.#options;
  }

  /** What the jailer's process inherits. */
  get inherited(): readonly number[] {
    return this.#inherited.map(({ descriptor }) => descriptor);
  }

  #add(option: string, name: string): number {
    const number = firstNumber + this.#options.length / 2;
    this.#options.push(option, name);
    return number;
  }
}
