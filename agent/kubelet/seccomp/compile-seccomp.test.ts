import { expect, test } from "bun:test";
import { compileSeccomp } from "./compile-seccomp.ts";
import { defaultSeccompProfile } from "./default-profile.ts";
import { parseSeccompProfile } from "./seccomp-profile.ts";
import { syscallNumbers } from "./syscall-numbers.ts";

const allow = 0x7fff_0000;
const refuse = 0x0005_0001;

/** Runs a program as the kernel does, on a call with these arguments. */
function run(program: Uint8Array, name: string, args: readonly bigint[] = [], arch = 0xc000_003e): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(syscallNumbers.get(name) ?? Number(name), 0);
  data.writeUInt32LE(arch, 4);
  for (const [index, value] of args.entries()) data.writeBigUInt64LE(value, 16 + 8 * index);
  const code = Buffer.from(program);
  let word = 0;
  for (let at = 0; ; at++) {
    const value = code.readUInt32LE(at * 8 + 4);
    const jump = (isTrue: boolean): number => (isTrue ? code[at * 8 + 2] : code[at * 8 + 3]) ?? 0;
    const operation = code.readUInt16LE(at * 8);
    if (operation === 0x06) return value;
    if (operation === 0x20) word = data.readUInt32LE(value);
    if (operation === 0x54) word = (word & value) >>> 0;
    if (operation === 0x05) at += value;
    if (operation === 0x15) at += jump(word === value);
    if (operation === 0x25) at += jump(word > value);
    if (operation === 0x35) at += jump(word >= value);
  }
}

function compile(profile: object): Uint8Array {
  return compileSeccomp(parseSeccompProfile(JSON.stringify(profile)));
}

test("compileSeccomp gives each call the action of its rule, and all others the default one", () => {
  const names = [...syscallNumbers.keys()];
  const some = names.filter((_, index) => index % 2 === 0);
  const program = compile({
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 38,
    syscalls: [{ names: [...some, "no_such_call"], action: "SCMP_ACT_ALLOW" }],
  });
  for (const name of names) expect(run(program, name)).toBe(some.includes(name) ? allow : 0x0005_0026);
  expect(run(program, "9999")).toBe(0x0005_0026);
  expect(run(program, "read", [], 0x4000_0003)).toBe(0x8000_0000);
});

test("compileSeccomp compares arguments with all 64 bits", () => {
  const big = 0x1_0000_0005;
  const cases: ReadonlyArray<readonly [string, number, number, bigint, boolean]> = [
    ["SCMP_CMP_EQ", big, 0, 0x1_0000_0005n, true],
    ["SCMP_CMP_EQ", big, 0, 5n, false],
    ["SCMP_CMP_NE", big, 0, 5n, true],
    ["SCMP_CMP_NE", big, 0, 0x1_0000_0005n, false],
    ["SCMP_CMP_GT", big, 0, 0x1_0000_0006n, true],
    ["SCMP_CMP_GT", big, 0, 0x1_0000_0005n, false],
    ["SCMP_CMP_GE", big, 0, 0x1_0000_0005n, true],
    ["SCMP_CMP_GE", big, 0, 0xffff_ffffn, false],
    ["SCMP_CMP_LT", big, 0, 6n, true],
    ["SCMP_CMP_LT", big, 0, 0x2_0000_0000n, false],
    ["SCMP_CMP_LE", big, 0, 0x1_0000_0005n, true],
    ["SCMP_CMP_LE", big, 0, 0x1_0000_0006n, false],
    ["SCMP_CMP_MASKED_EQ", 0xf0, 0x20, 0x7_0000_002fn, true],
    ["SCMP_CMP_MASKED_EQ", 0xf0, 0x20, 0x3fn, false],
  ];
  for (const [op, value, valueTwo, argument, isAllowed] of cases) {
    const rule = { names: ["ioctl"], action: "SCMP_ACT_ALLOW", args: [{ index: 1, value, valueTwo, op }] };
    const program = compile({ defaultAction: "SCMP_ACT_ERRNO", syscalls: [rule] });
    expect([op, argument, run(program, "ioctl", [0n, argument])]).toEqual([
      op,
      argument,
      isAllowed ? allow : refuse,
    ]);
    expect(run(program, "read")).toBe(refuse);
  }
});

test("compileSeccomp says what is wrong with a profile", () => {
  expect(() => compile({ defaultAction: "SCMP_ACT_WHAT" })).toThrow("action SCMP_ACT_WHAT is not known");
  expect(() => compile({})).toThrow("defaultAction is not a string");
  const args = [{ index: 9, value: 1, op: "SCMP_CMP_EQ" }];
  const syscalls = [{ names: ["read"], action: "SCMP_ACT_ALLOW", args }];
  expect(() => compile({ defaultAction: "SCMP_ACT_LOG", syscalls })).toThrow("there is no argument 9");
});

test("the default profile keeps the kernel's settings from containers without the capability", () => {
  const usual = compileSeccomp(defaultSeccompProfile(new Set(["CHOWN", "SYS_CHROOT"])));
  for (const name of ["read", "openat", "execve", "futex", "chroot", "ptrace", "close_range"]) {
    expect([name, run(usual, name)]).toEqual([name, allow]);
  }
  for (const name of [
    "mount",
    "unshare",
    "bpf",
    "reboot",
    "keyctl",
    "io_uring_setup",
    "init_module",
    "acct",
  ]) {
    expect([name, run(usual, name)]).toEqual([name, refuse]);
  }
  expect(run(usual, "clone", [0x1200011n])).toBe(allow);
  expect(run(usual, "clone", [0x1000_0000n])).toBe(refuse);
  expect(run(usual, "clone3")).toBe(0x0005_0026);
  expect([run(usual, "socket", [1n]), run(usual, "socket", [40n])]).toEqual([allow, refuse]);
  expect([run(usual, "personality", [8n]), run(usual, "personality", [9n])]).toEqual([allow, refuse]);
  const admin = compileSeccomp(defaultSeccompProfile(new Set(["SYS_ADMIN"])));
  for (const name of ["mount", "unshare", "clone3"]) expect(run(admin, name)).toBe(allow);
  expect(run(admin, "clone", [0x1000_0000n])).toBe(allow);
  expect(usual.length / 8).toBeLessThan(250);
});
