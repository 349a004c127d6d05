import { expect, test } from "bun:test";
import { closeSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { MemoryFile } from "./memory-file.ts";

test("MemoryFile gives descriptors that each read from the start", () => {
  const file = new MemoryFile("test");
  file.lend((descriptor) => writeSync(descriptor, "state"));
  for (let reader = 0; reader < 2; reader++) {
    const descriptor = file.reopen();
    const bytes = Buffer.alloc(5);
    expect(readSync(descriptor, bytes)).toBe(5);
    expect(bytes.toString()).toBe("state");
    closeSync(descriptor);
  }
  file.close();
  file.close();
});

test("MemoryFile can be read and no longer changed once it is sealed, also by a further descriptor for writing", () => {
  const file = new MemoryFile("test");
  file.lend((descriptor) => writeSync(descriptor, "state"));
  expect(file.seal()).toBe(true);
  const reader = file.reopen();
  const writer = openSync(`/proc/self/fd/${reader}`, "r+");
  expect(() => writeSync(writer, "x")).toThrow(/EPERM/);
  expect(readFileSync(`/proc/self/fd/${reader}`, "utf8")).toBe("state");
  for (const descriptor of [reader, writer]) closeSync(descriptor);
  file.close();
});
