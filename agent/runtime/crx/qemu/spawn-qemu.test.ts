import { expect, test } from "bun:test";
import { scopeCommand } from "./spawn-qemu.ts";

test("scopeCommand puts a process into a scope of its own outside the service", () => {
  const request = {
    command: "/usr/bin/qemu",
    args: ["-M", "q35"],
    directory: "/d",
    unitName: "pacific-pod-a1",
  };
  expect(scopeCommand(request)).toEqual([
    "systemd-run",
    "--scope",
    "--quiet",
    "--collect",
    "--slice=pacific-pods.slice",
    "--unit=pacific-pod-a1",
    "--",
    "/usr/bin/qemu",
    "-M",
    "q35",
  ]);
});
