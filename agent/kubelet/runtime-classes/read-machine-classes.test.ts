import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { protocolVersion } from "../../runtime/crx/channel/protocol.ts";
import { builtInClasses } from "./machine-class.ts";
import { readMachineClasses } from "./read-machine-classes.ts";

const folder = mkdtempSync(join(tmpdir(), "pacific-classes-"));
const path = join(folder, "machine-classes.yaml");
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string): void {
  writeFileSync(path, text);
}

test("readMachineClasses adds sizes and kernels to the built-in classes", async () => {
  expect(await readMachineClasses(join(folder, "absent.yaml"))).toEqual(builtInClasses);
  writeFileSync(join(folder, "vmlinux"), "");
  writeFileSync(join(folder, "initramfs.cpio"), "");
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ protocolVersion, kernelArguments: "quiet" }));
  write(`classes: { big: { cpu: 1500m, memory: 2Gi }, tuned: { guest: "${folder}" } }`);
  expect(Object.fromEntries(await readMachineClasses(path))).toEqual({
    "": {},
    crx: {},
    big: { cpuCount: 2, memoryBytes: 2 * 1024 ** 3 },
    tuned: {
      kernel: {
        kernelPath: join(folder, "vmlinux"),
        initrdPath: join(folder, "initramfs.cpio"),
        kernelArguments: "quiet",
      },
    },
  });
});

test("readMachineClasses names the key that it does not understand", async () => {
  for (const [text, message] of [
    ["class: {}", 'the file has the unknown key "class": expected classes'],
    ["classes: { Big: {} }", "classes.Big is no handler: expected small letters, digits and dashes"],
    ["classes: { big: { memory: much } }", 'classes.big.memory has "much", expected a quantity as 4 or 2Gi'],
    ["classes: { big: { ram: 1Gi } }", 'classes.big has the unknown key "ram": expected cpu, memory, guest'],
  ] as const) {
    write(text);
    expect(readMachineClasses(path)).rejects.toThrow(
      `The machine classes in ${path} are not understood: ${message}`,
    );
  }
});
