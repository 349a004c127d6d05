import { afterAll, describe, expect, test } from "bun:test";
import { findProcesses, isRunning, killProcess, processIdentity } from "./process-identity.ts";

const marker = `/tmp/pacific-test-${crypto.randomUUID()}`;
const child = Bun.spawn(["sleep", "60"], { argv0: "odd) R 1 (name" });

afterAll(() => child.kill(9));

describe("processIdentity", () => {
  test("tells a process from another that has its id", () => {
    const identity = processIdentity(child.pid);
    expect(identity?.startTime).toMatch(/^\d+$/);
    expect(identity && isRunning(identity)).toBe(true);
    expect(isRunning({ pid: child.pid, startTime: "1" })).toBe(false);
    expect(processIdentity(2 ** 30)).toBeUndefined();
  });
});

describe("killProcess", () => {
  test("leaves a process alone that only has the same id", async () => {
    await killProcess({ pid: child.pid, startTime: "1" });
    expect(child.exitCode).toBeNull();
  });

  test("resolves when the process is gone, also a second time", async () => {
    const identity = processIdentity(child.pid);
    if (!identity) throw new Error("The child is not running");
    await killProcess(identity);
    expect(processIdentity(child.pid)).toBeUndefined();
    await killProcess(identity);
  });
});

describe("findProcesses", () => {
  test("finds processes by the value of an option", async () => {
    const other = Bun.spawn(["sh", "-c", "read line", "sh", "-pidfile", marker], { stdin: "pipe" });
    try {
      const find = () => findProcesses("-pidfile", (value) => value === marker);
      // Until its exec the child still has its parent's arguments.
      for (const deadline = Date.now() + 120_000; find().length === 0 && Date.now() < deadline; )
        await Bun.sleep(1);
      expect(find().map(({ pid }) => pid)).toEqual([other.pid]);
    } finally {
      other.kill(9);
      await other.exited;
    }
    expect(findProcesses("-pidfile", (value) => value === marker)).toEqual([]);
  });
});
