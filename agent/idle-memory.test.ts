import { expect, test } from "bun:test";
import { codeMappings } from "./idle-memory.ts";

test("codeMappings finds a program's code, and nothing that its loader wrote or that is another file's", () => {
  const maps = [
    "00200000-01a39000 r--p 00000000 fe:00 2220822                            /opt/pacific",
    "01a40000-0684a000 r-xp 01838000 fe:00 2220822                            /opt/pacific",
    "06867000-08b08000 rw-p 0665e000 fe:00 2220822                            /opt/pacific",
    "7f5e8048a000-7f5ec048a000 rwxp 00000000 00:00 0 ",
    "7f5ec07f5000-7f5ec094b000 r-xp 00026000 fe:00 339380                     /usr/lib/libc.so.6",
  ].join("\n");
  expect(codeMappings(maps, "/opt/pacific")).toEqual([{ start: 0x1a40000n, end: 0x684a000n }]);
  expect(codeMappings(readOwn(), process.execPath).length).toBeGreaterThan(0);
});

function readOwn(): string {
  return Buffer.from(Bun.spawnSync(["cat", `/proc/${process.pid}/maps`]).stdout).toString();
}
