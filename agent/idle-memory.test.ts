import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { unwrittenMappings } from "./idle-memory.ts";

test("unwrittenMappings finds a program's code and constants, and nothing that was written or is another file's", () => {
  const smaps = [
    ["00200000-01a39000 r--p 00000000 fe:00 2220822                            /opt/pacific", 0],
    ["01a40000-0684a000 r-xp 01838000 fe:00 2220822                            /opt/pacific", 0],
    ["0684b000-06860000 r--p 06641000 fe:00 2220822                            /opt/pacific", 84],
    ["06867000-08b08000 rw-p 0665e000 fe:00 2220822                            /opt/pacific", 0],
    ["7f5e8048a000-7f5ec048a000 rwxp 00000000 00:00 0 ", 512],
    ["7f5ec07f5000-7f5ec094b000 r-xp 00026000 fe:00 339380                     /usr/lib/libc.so.6", 0],
  ].map(([mapping, kibibytes]) => `${mapping}\nSize: 4 kB\nAnonymous:           ${kibibytes} kB\n`);
  expect(unwrittenMappings(smaps.join(""), "/opt/pacific")).toEqual([
    { start: 0x200000n, end: 0x1a39000n },
    { start: 0x1a40000n, end: 0x684a000n },
  ]);
  expect(
    unwrittenMappings(readFileSync("/proc/self/smaps", "utf8"), process.execPath).length,
  ).toBeGreaterThan(0);
});
