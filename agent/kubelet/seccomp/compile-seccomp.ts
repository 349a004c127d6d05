import { compileArgument } from "./compile-argument.ts";
import type { SeccompArgument, SeccompProfile } from "./seccomp-profile.ts";
import { assemble, branch, choose, type Instruction, loadWord, verdict } from "./seccomp-program.ts";
import { syscallNumbers } from "./syscall-numbers.ts";

/** Offsets in `struct seccomp_data`. */
const numberOffset = 0;
const architectureOffset = 4;
const x86Architecture = 0xc000_003e;

const killProcess = 0x8000_0000;
const permissionDenied = 1;

const actions: Readonly<Record<string, number>> = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: killProcess,
  SCMP_ACT_TRAP: 0x0003_0000,
  SCMP_ACT_ERRNO: 0x0005_0000,
  SCMP_ACT_TRACE: 0x7ff0_0000,
  SCMP_ACT_LOG: 0x7ffc_0000,
  SCMP_ACT_ALLOW: 0x7fff_0000,
};

interface Rules {
  readonly conditional: Array<{ readonly args: readonly SeccompArgument[]; readonly verdict: number }>;
  always?: number;
}

/** System calls from this number on, up to the next run. */
interface Run {
  readonly first: number;
  readonly code: readonly Instruction[];
}

/**
 * Compiles a profile to the program that the kernel runs at each system call: the number is looked for by halves, so
 * that a call costs some ten instructions. Names that this kernel's architecture lacks are left out, as container
 * engines do. Throws an Error for an action or an operator that is not known.
 */
export function compileSeccomp(profile: SeccompProfile): Uint8Array {
  const otherwise = verdictOf(profile.defaultAction, profile.defaultErrnoRet);
  const runs = runsOf(rulesByNumber(profile), otherwise);
  return assemble([
    loadWord(architectureOffset),
    branch("equal", x86Architecture, 1, 0),
    verdict(killProcess),
    loadWord(numberOffset),
    ...search(runs),
  ]);
}

function rulesByNumber(profile: SeccompProfile): Map<number, Rules> {
  const byNumber = new Map<number, Rules>();
  for (const { names, action, errnoRet, args = [] } of profile.syscalls) {
    const result = verdictOf(action, errnoRet);
    for (const name of names) {
      const number = syscallNumbers.get(name);
      if (number === undefined) continue;
      const rules = byNumber.get(number) ?? { conditional: [] };
      byNumber.set(number, rules);
      if (args.length === 0) rules.always ??= result;
      else rules.conditional.push({ args, verdict: result });
    }
  }
  return byNumber;
}

function runsOf(byNumber: ReadonlyMap<number, Rules>, otherwise: number): Run[] {
  const runs: Run[] = [];
  let last: number | undefined;
  const begin = (first: number, code: readonly Instruction[], same: number | undefined): void => {
    if (same === undefined || same !== last) runs.push({ first, code });
    last = same;
  };
  let next = 0;
  for (const number of [...byNumber.keys()].sort((a, b) => a - b)) {
    if (number > next) begin(next, [verdict(otherwise)], otherwise);
    const rules = byNumber.get(number);
    const always = rules?.always ?? otherwise;
    const conditional = (rules?.conditional ?? []).filter((rule) => rule.verdict !== always);
    const code = conditional.flatMap((rule) => ruleCode(rule.args, rule.verdict));
    begin(number, [...code, verdict(always)], code.length === 0 ? always : undefined);
    next = number + 1;
  }
  begin(next, [verdict(otherwise)], otherwise);
  return runs;
}

/** The verdict where all arguments are as wanted; goes on behind its end where one is not. */
function ruleCode(args: readonly SeccompArgument[], result: number): Instruction[] {
  const code = [verdict(result)];
  for (const argument of args.toReversed()) code.unshift(...compileArgument(argument, code.length));
  return code;
}

function search(runs: readonly Run[]): Instruction[] {
  const middle = runs[runs.length >> 1];
  if (runs.length < 2 || !middle) return [...(runs[0]?.code ?? [])];
  const half = runs.length >> 1;
  return choose(middle.first, search(runs.slice(0, half)), search(runs.slice(half)));
}

function verdictOf(action: string, errnoRet: number | undefined): number {
  const known = actions[action];
  if (known === undefined) throw new Error(`action ${action} is not known`);
  const takesNumber = action === "SCMP_ACT_ERRNO" || action === "SCMP_ACT_TRACE";
  return takesNumber ? (known | ((errnoRet ?? permissionDenied) & 0xffff)) >>> 0 : known;
}
