import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../../supervisor/base/clock.ts";
import { MachineCgroups, type MachineCgroupsOptions } from "./machine-cgroups.ts";
import { machineLimits } from "./machine-limits.ts";

let mount: string;
const limits = { memoryBytes: 400 << 20, cpuWeight: 59, processes: 512 };

beforeEach(() => {
  mount = mkdtempSync(join(tmpdir(), "machine-cgroups-"));
  writeFileSync(join(mount, "cgroup.controllers"), "cpuset cpu io memory pids\n");
});

afterEach(() => rmSync(mount, { recursive: true, force: true }));

async function open(change: Partial<MachineCgroupsOptions> = {}): Promise<MachineCgroups> {
  const options = { mount, instance: "0", isRoot: true, hasSystemd: false, clock: systemClock };
  const cgroups = new MachineCgroups({ ...options, ...change });
  await cgroups.open(new Set());
  return cgroups;
}

describe("MachineCgroups", () => {
  test("makes a group for each machine, and removes those of machines that are gone", async () => {
    const cgroups = await open();
    const folder = join(mount, "pacific-pods-0");
    expect(readFileSync(join(folder, "cgroup.subtree_control"), "utf8")).toBe("+cpu +memory +pids");
    const { cgroup = "", unitProperties } = await cgroups.place("a1", limits);
    expect(cgroup).toBe(join(folder, "a1"));
    expect(unitProperties).toEqual([]);
    const files = Object.fromEntries(
      readdirSync(cgroup).map((name) => [name, readFileSync(join(cgroup, name), "utf8")]),
    );
    expect(files).toEqual({
      "cpu.weight": "59",
      "memory.max": `${400 << 20}`,
      "memory.oom.group": "1",
      "pids.max": "512",
    });
    // A real group's files go with it.
    for (const name of Object.keys(files)) rmSync(join(cgroup, name));
    await cgroups.open(new Set(["a1"]));
    expect(existsSync(cgroup)).toBe(true);
    await cgroups.open(new Set());
    expect(existsSync(cgroup)).toBe(false);
    await cgroups.remove("a1");
  });

  test("tells what is done with a group", async () => {
    const operations: string[] = [];
    const cgroups = await open({ measured: (operation) => void operations.push(operation) });
    const { cgroup = "" } = await cgroups.place("a2", limits);
    const to = { ...limits, cpuWeight: 100 };
    await cgroups.change("a2", { unitName: "", from: limits, to });
    await cgroups.change("a2", { unitName: "", from: to, to });
    for (const name of readdirSync(cgroup)) rmSync(join(cgroup, name));
    await cgroups.remove("a2");
    expect(operations).toEqual(["create", "update", "destroy"]);
  });

  test("leaves the group to systemd where that is in charge", async () => {
    const cgroups = await open({ hasSystemd: true });
    expect(await cgroups.place("a1", limits)).toEqual({
      unitProperties: ["MemoryMax=419430400", "MemorySwapMax=0", "CPUWeight=59", "TasksMax=512"],
    });
    expect(existsSync(join(mount, "pacific-pods-0"))).toBe(false);
  });

  test.each([
    ["without root", { isRoot: false }, "The host does not run as root"],
    ["without cgroup v2", { mount: "/nowhere" }, "This host has no cgroup v2"],
  ])("says why there are no limits %s", async (_, change, message) => {
    const cgroups = await open(change);
    expect(cgroups.areEnforced).toBe(false);
    expect(cgroups.message).toStartWith(message);
    expect(await cgroups.place("a1", limits)).toEqual({ unitProperties: [] });
    await cgroups.remove("a1");
  });

  test("says which controllers are lacking", async () => {
    writeFileSync(join(mount, "cgroup.controllers"), "cpu\n");
    expect((await open()).message).toStartWith("This host has no cgroup v2 controllers memory, pids");
  });
});

test("machineLimits holds the guest's memory and what QEMU has beside it", () => {
  const guest = 320 << 20;
  expect(machineLimits(guest, 100, "kvm")).toEqual({
    memoryBytes: guest + (5 << 20) + (96 << 20),
    cpuWeight: 100,
    processes: 512,
  });
  expect(machineLimits(guest, 100, "tcg").memoryBytes).toBe(guest + (5 << 20) + (144 << 20));
});
