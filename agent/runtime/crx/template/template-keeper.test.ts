import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../../supervisor/base/clock.ts";
import { Logger } from "../../../../supervisor/base/logging.ts";
import { MachineTemplate } from "./machine-template.ts";
import { MemoryFile } from "./memory-file.ts";
import { TemplateKeeper } from "./template-keeper.ts";

const shape = { memoryBytes: 1, maxCpuCount: 1, maxMemoryBytes: 1, hasNetwork: false };

/** A keeper whose templates hold nothing; `made` counts them. */
async function keeper(make?: () => never) {
  const folder = mkdtempSync(join(tmpdir(), "pacific-keeper-"));
  const program = join(folder, "qemu");
  writeFileSync(program, "one");
  let made = 0;
  const kept = new TemplateKeeper({
    context: { logger: new Logger("error", () => {}), clock: systemClock },
    programPath: program,
    make: async () => {
      made++;
      make?.();
      return new MachineTemplate(shape, { memory: new MemoryFile("a"), state: new MemoryFile("b") }, 1000);
    },
  });
  expect(kept.mode.kind).toBe("boot");
  kept.begin();
  await kept.settled();
  return { kept, program, made: () => made, remove: () => rmSync(folder, { recursive: true }) };
}

test("a template is made once and used while QEMU is the same program", async () => {
  const { kept, program, made, remove } = await keeper();
  const first = kept.current();
  expect(first).toBeDefined();
  expect(kept.current()).toBe(first);
  expect(kept.mode.kind).toBe("clone");
  writeFileSync(program, "another");
  expect(kept.current()).toBeUndefined();
  await kept.settled();
  expect(kept.current()).toBeDefined();
  expect(made()).toBe(2);
  await kept.close();
  expect(kept.current()).toBeUndefined();
  remove();
});

test("after three failures in a row machines boot; a success in between begins the count anew", async () => {
  const { kept, made, remove } = await keeper();
  const fail = async (): Promise<void> => {
    const template = kept.current();
    if (template) kept.failed(template, new Error("no guest"));
    await kept.settled();
  };
  await fail();
  await fail();
  kept.succeeded();
  await fail();
  await fail();
  expect(kept.mode.kind).toBe("clone");
  await fail();
  expect(kept.mode).toEqual({ kind: "boot", message: "Machines boot: a clone failed: no guest" });
  expect(made()).toBe(5);
  await kept.close();
  remove();
});

test("a template that cannot be made is told", async () => {
  const { kept, remove } = await keeper(() => {
    throw new Error("no memory");
  });
  expect(kept.current()).toBeUndefined();
  expect(kept.mode.message).toBe("Machines boot: the template could not be made: no memory");
  await kept.close();
  remove();
});
