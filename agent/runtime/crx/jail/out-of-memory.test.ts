import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOutOfMemory, wasOutOfMemory } from "./out-of-memory.ts";

const folder = mkdtempSync(join(tmpdir(), "out-of-memory-"));
afterAll(() => rmSync(folder, { recursive: true }));

const unit = "pacific-pod-a1";
const record =
  "6,1412,92381923,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0," +
  `oom_memcg=/pacific.slice/pacific-pods.slice/${unit}.scope,` +
  `task_memcg=/pacific.slice/pacific-pods.slice/${unit}.scope,task=qemu-system-x86,pid=812,uid=1900000001\n`;

test("isOutOfMemory knows the unit whose process was killed for its own group's memory", () => {
  expect(isOutOfMemory(record, unit)).toBe(true);
  expect(isOutOfMemory(record, "pacific-pod-a")).toBe(false);
  expect(isOutOfMemory(record.replace("_MEMCG", "_NONE"), unit)).toBe(false);
  expect(isOutOfMemory(record.replaceAll(`${unit}.scope`, "a1"), "a1")).toBe(true);
});

test("wasOutOfMemory reads the kernel's log, and says no where there is none", () => {
  const log = join(folder, "kmsg");
  writeFileSync(log, record);
  expect(wasOutOfMemory(["a1", unit], log)).toBe(true);
  expect(wasOutOfMemory(["other"], log)).toBe(false);
  expect(wasOutOfMemory([unit], join(folder, "none"))).toBe(false);
});
