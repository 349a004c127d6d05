/** Instructions of classic BPF, as far as filters of system calls need them (linux/bpf_common.h, linux/seccomp.h). */
const load = 0x20;
const and = 0x54;
const jumpAlways = 0x05;
const jumpEqual = 0x15;
const jumpGreater = 0x25;
const jumpAtLeast = 0x35;
const giveBack = 0x06;

const maxShortJump = 255;
const instructionBytes = 8;
/** `BPF_MAXINSNS`. */
const maxInstructions = 4096;

export interface Instruction {
  readonly code: number;
  readonly value: number;
  readonly ifTrue: number;
  readonly ifFalse: number;
}

export type Comparison = "equal" | "greater" | "at-least";

const comparisons: Readonly<Record<Comparison, number>> = {
  equal: jumpEqual,
  greater: jumpGreater,
  "at-least": jumpAtLeast,
};

/** Loads a word of `struct seccomp_data`. */
export function loadWord(offset: number): Instruction {
  return plain(load, offset);
}

export function maskBy(value: number): Instruction {
  return plain(and, value);
}

export function verdict(value: number): Instruction {
  return plain(giveBack, value);
}

/** Skips so many instructions where the comparison holds, and so many where it does not; at most 255 each. */
export function branch(by: Comparison, value: number, ifTrue: number, ifFalse: number): Instruction {
  return { code: comparisons[by], value, ifTrue, ifFalse };
}

/** `high` where the loaded word is at least `value`, else `low`. Both end with a verdict. */
export function choose(
  value: number,
  low: readonly Instruction[],
  high: readonly Instruction[],
): Instruction[] {
  const jump =
    low.length <= maxShortJump
      ? [branch("at-least", value, low.length, 0)]
      : [branch("at-least", value, 0, 1), plain(jumpAlways, low.length)];
  return [...jump, ...low, ...high];
}

/** The program as the kernel takes it, `struct sock_filter` one after another. Throws when it is too long for it. */
export function assemble(program: readonly Instruction[]): Uint8Array {
  if (program.length > maxInstructions) {
    throw new Error(
      `the profile needs ${program.length} instructions, and the kernel takes ${maxInstructions}`,
    );
  }
  const bytes = Buffer.alloc(program.length * instructionBytes);
  for (const [index, { code, value, ifTrue, ifFalse }] of program.entries()) {
    const at = index * instructionBytes;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(ifTrue, at + 2);
    bytes.writeUInt8(ifFalse, at + 3);
    bytes.writeUInt32LE(value >>> 0, at + 4);
  }
  return bytes;
}

function plain(code: number, value: number): Instruction {
  return { code, value, ifTrue: 0, ifFalse: 0 };
}
