import { describe, expect, test } from "bun:test";
import { checkVersion, findQemu } from "./find-qemu.ts";

describe("checkVersion", () => {
  test.each([
    ["QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\nCopyright", "7.2.22"],
    ["QEMU emulator version 10.0.2", "10.0.2"],
  ])("reads %p", (output, version) => {
    expect(checkVersion("/usr/bin/qemu", output)).toBe(version);
  });

  test("refuses what is too old or no QEMU", () => {
    expect(() => checkVersion("/usr/bin/qemu", "QEMU emulator version 6.2.0")).toThrow(
      "QEMU 6.2.0 at /usr/bin/qemu is too old, expected 7.2 or newer",
    );
    expect(() => checkVersion("/usr/bin/qemu", "hello")).toThrow("printed no version: hello");
  });
});

describe("findQemu", () => {
  test("says what to install when there is none", async () => {
    await expect(findQemu("/nowhere")).rejects.toThrow(/no qemu-system-x86_64 in \/nowhere; install it/);
  });
});
