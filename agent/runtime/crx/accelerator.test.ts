import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Logger } from "../../../supervisor/base/logging.ts";
import { type AcceleratorOptions, chooseAccelerator } from "./accelerator.ts";

let folder: string;
let tests: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pacific-accel-"));
  writeFileSync(join(folder, "kvm"), "");
  tests = 0;
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function options(works: boolean, change: Partial<AcceleratorOptions> = {}): AcceleratorOptions {
  return {
    choice: "auto",
    dataDir: folder,
    qemu: { path: "qemu", version: "7.2.22" },
    guestImageId: "a1",
    logger: new Logger("error", () => {}),
    kvmDevice: join(folder, "kvm"),
    selfTest: async () => {
      tests += 1;
      if (!works) throw new Error("the guest's kernel did not boot under KVM within 3000 ms");
    },
    ...change,
  };
}

describe("chooseAccelerator", () => {
  test("takes KVM when the guest's kernel boots under it, and remembers that", async () => {
    expect((await chooseAccelerator(options(true))).kind).toBe("kvm");
    expect((await chooseAccelerator(options(false))).kind).toBe("kvm");
    expect(tests).toBe(1);
  });

  test("falls back on TCG with the reason, and remembers that", async () => {
    const choices = [await chooseAccelerator(options(false)), await chooseAccelerator(options(true))];
    for (const { kind, message } of choices) {
      expect(kind).toBe("tcg");
      expect(message).toContain("the guest's kernel did not boot under KVM within 3000 ms");
    }
    expect(tests).toBe(1);
  });

  test("tests again for another kernel or another QEMU", async () => {
    await chooseAccelerator(options(false));
    await chooseAccelerator(options(false, { guestImageId: "b2" }));
    expect((await chooseAccelerator(options(true, { qemu: { path: "qemu", version: "9.0" } }))).kind).toBe(
      "kvm",
    );
    expect(tests).toBe(3);
  });

  test("does not test when there is no KVM, or when TCG is asked for", async () => {
    const none = await chooseAccelerator(options(true, { kvmDevice: join(folder, "none") }));
    expect(none.kind).toBe("tcg");
    expect(none.message).toContain("none cannot be opened");
    expect((await chooseAccelerator(options(true, { choice: "tcg" }))).kind).toBe("tcg");
    expect(tests).toBe(0);
  });

  test("refuses to fall back when KVM is asked for", async () => {
    await expect(chooseAccelerator(options(false, { choice: "kvm" }))).rejects.toThrow(
      /did not boot under KVM.*--accel auto or tcg/,
    );
  });
});
