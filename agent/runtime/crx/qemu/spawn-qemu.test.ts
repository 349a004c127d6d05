import { expect, test } from "bun:test";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { qemuLogName, scopeCommand, spawnDetached } from "./spawn-qemu.ts";

test("scopeCommand puts a process into a scope of its own outside the service", () => {
  const request = {
    command: "/usr/bin/qemu",
    args: ["-M", "q35"],
    directory: "/d",
    unitName: "pacific-pod-a1",
    unitProperties: ["MemoryMax=1048576"],
  };
  expect(scopeCommand(request)).toEqual([
    "systemd-run",
    "--scope",
    "--quiet",
    "--collect",
    "--slice=pacific-pods.slice",
    "--unit=pacific-pod-a1",
    "--property=MemoryMax=1048576",
    "--",
    "/usr/bin/qemu",
    "-M",
    "q35",
  ]);
});

test("spawnDetached hands descriptors on as 3, 4, … and nothing else, and closes them here", async () => {
  const directory = mkdtempSync(join(tmpdir(), "spawn-qemu-"));
  try {
    const descriptors = ["first", "second"].map((text) => {
      writeFileSync(join(directory, text), text);
      return openSync(join(directory, text), "r");
    });
    const kept = openSync(join(directory, "first"), "r");
    // Without a pipe, of which the shell may still have an end, and not as what the shell itself becomes.
    const command = "cat <&3; cat <&4; ls /proc/$$/fd; true";
    const request = { command: "/bin/sh", args: ["-c", command], directory, unitName: "test", descriptors };
    const { exited } = await spawnDetached(request);
    await exited;
    expect(readFileSync(join(directory, qemuLogName), "utf8")).toBe("firstsecond0\n1\n2\n3\n4\n");
    // Their numbers may be somebody else's by now.
    const open = readdirSync("/proc/self/fd").map((number) => targetOf(`/proc/self/fd/${number}`));
    expect(open.filter((path) => path.startsWith(directory))).toEqual([join(directory, "first")]);
    closeSync(kept);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}
