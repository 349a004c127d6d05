import { describe, expect, test } from "bun:test";
import { JailUsers } from "./jail-users.ts";

const base = 2_000_000_000;

describe("JailUsers", () => {
  test("never gives a number that a machine has, and gives it again when it came back", () => {
    const users = new JailUsers("/data", base);
    for (let user = base; user < base + (1 << 16) - 1; user++) users.adopt(user);
    expect(users.allocate()).toBe(base + (1 << 16) - 1);
    expect(() => users.allocate()).toThrow("All 65536 users of machines are taken");
    users.release(base + 7);
    expect(users.allocate()).toBe(base + 7);
  });

  test("has a range of its own for each data folder, where nobody else has users", () => {
    const first = new JailUsers("/data/one");
    const user = first.allocate();
    expect(user).toBeGreaterThanOrEqual(1_900_000_000);
    expect(user).toBeLessThan(2_096_608_000);
    expect(first.includes(user)).toBe(true);
    expect(new JailUsers("/data/one").includes(user)).toBe(true);
    expect(new JailUsers("/data/two").includes(user)).toBe(false);
    expect(first.includes(0)).toBe(false);
  });
});
