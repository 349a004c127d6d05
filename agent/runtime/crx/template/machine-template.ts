import type { InheritedDescriptor } from "../jail/machine-descriptors.ts";
import type { DiskTemplate } from "../pod-disk/disk-template.ts";
import type { MemoryFile } from "./memory-file.ts";

/** What a template and its clones have in common. */
export interface TemplateShape {
  /** Memory that a clone has from its start. */
  readonly memoryBytes: number;
  /** How far a clone can grow. */
  readonly maxCpuCount: number;
  readonly maxMemoryBytes: number;
  readonly hasNetwork: boolean;
}

/** The files that a template consists of. */
export interface TemplateFiles {
  readonly memory: MemoryFile;
  /** The state of its devices. */
  readonly state: MemoryFile;
}

/** A booted machine that was stopped before it became anybody: its memory and its devices' state, both sealed. */
export class MachineTemplate {
  readonly shape: TemplateShape;
  /** The disk that its guest has mounted, as it was in that moment: each clone goes on with a copy. Absent: it has none. */
  readonly disk: DiskTemplate | undefined;
  /** How long it took until its guest answered. */
  readonly bootMs: number;
  readonly #files: TemplateFiles;

  /** Throws where a file cannot be sealed, as somebody could still change it. */
  constructor(shape: TemplateShape, files: TemplateFiles, bootMs: number, disk?: DiskTemplate) {
    this.shape = shape;
    this.bootMs = bootMs;
    this.disk = disk;
    this.#files = files;
    for (const [name, file] of Object.entries(files)) {
      if (!file.seal())
        throw new Error(`The template's ${name} cannot be sealed: a process can still write it`);
    }
  }

  /** What a clone's QEMU inherits, in this order; whoever spawns it closes them here. */
  descriptors(): InheritedDescriptor[] {
    const { memory, state } = this.#files;
    return [
      { descriptor: memory.reopen(), name: "the template's memory" },
      { descriptor: state.reopen(), name: "the template's state" },
    ];
  }

  /** Clones that run go on: they have descriptors of their own. */
  close(): void {
    this.#files.memory.close();
    this.#files.state.close();
  }
}
