import type { SeccompArgument } from "./seccomp-profile.ts";
import { branch, type Instruction, loadWord, maskBy } from "./seccomp-program.ts";

/** The first argument in `struct seccomp_data`; each has 64 bits, the low word first. */
const argumentsOffset = 16;
const argumentBytes = 8;
const maxIndex = 5;

/**
 * Compares an argument of a system call, word by word: goes on behind its end where it is as wanted, and skips
 * `restLength` instructions more where it is not.
 */
export function compileArgument(argument: SeccompArgument, restLength: number): Instruction[] {
  const { index, op, value, valueTwo } = argument;
  if (index > maxIndex) throw new Error(`there is no argument ${index}`);
  const high = argumentsOffset + index * argumentBytes + 4;
  const low = high - 4;
  const fail = restLength;
  switch (op) {
    case "SCMP_CMP_EQ":
      return masked(high, low, allOnes, value, fail);
    case "SCMP_CMP_MASKED_EQ":
      return masked(high, low, value, valueTwo, fail);
    case "SCMP_CMP_NE":
      return [
        loadWord(high),
        branch("equal", highWord(value), 0, 2),
        loadWord(low),
        branch("equal", lowWord(value), fail, 0),
      ];
    case "SCMP_CMP_GE":
      return ordered(high, low, value, "at-least", { yes: 0, no: fail });
    case "SCMP_CMP_GT":
      return ordered(high, low, value, "greater", { yes: 0, no: fail });
    case "SCMP_CMP_LT":
      return ordered(high, low, value, "at-least", { yes: fail, no: 0 });
    case "SCMP_CMP_LE":
      return ordered(high, low, value, "greater", { yes: fail, no: 0 });
    default:
      throw new Error(`operator ${op} is not known`);
  }
}

const allOnes = 0xffff_ffff_ffff_ffffn;

function masked(high: number, low: number, mask: bigint, value: bigint, fail: number): Instruction[] {
  const lowPart = [
    loadWord(low),
    ...(lowWord(mask) === 0xffff_ffff ? [] : [maskBy(lowWord(mask))]),
    branch("equal", lowWord(value), 0, fail),
  ];
  return [
    loadWord(high),
    ...(highWord(mask) === 0xffff_ffff ? [] : [maskBy(highWord(mask))]),
    branch("equal", highWord(value), 0, lowPart.length + fail),
    ...lowPart,
  ];
}

/** Two words compared as one number; `yes` and `no` are what is skipped behind the end. */
function ordered(
  high: number,
  low: number,
  value: bigint,
  by: "at-least" | "greater",
  skip: { readonly yes: number; readonly no: number },
): Instruction[] {
  return [
    loadWord(high),
    branch("greater", highWord(value), 3 + skip.yes, 0),
    branch("equal", highWord(value), 0, 2 + skip.no),
    loadWord(low),
    branch(by, lowWord(value), skip.yes, skip.no),
  ];
}

function highWord(value: bigint): number {
  return Number((value >> 32n) & 0xffff_ffffn);
}

function lowWord(value: bigint): number {
  return Number(value & 0xffff_ffffn);
}
