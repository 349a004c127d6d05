import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Logger } from "../../../../supervisor/base/logging.ts";
import { findFormatter } from "../../../find-formatter.ts";
import { PodDisks } from "./pod-disks.ts";

const quiet = new Logger("error", () => {});
const missing = findFormatter() ? "" : " (skipped: no mkfs.ext4)";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pacific-disks-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function prepared(): Promise<PodDisks> {
  const disks = new PodDisks(folder, quiet);
  await disks.prepare();
  return disks;
}

describe.skipIf(missing !== "")(`PodDisks${missing}`, () => {
  test("a Pod's next sandbox gets the disk of the one before, and it goes with the last", async () => {
    const disks = await prepared();
    disks.hold("uid", "first");
    const { file, isNew } = await disks.open("uid");
    await file.close();
    disks.hold("uid", "second");
    await disks.release("uid", "first");
    const again = await disks.open("uid");
    await again.file.close();
    expect([isNew, again.isNew]).toEqual([true, false]);
    await disks.release("uid", "second");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("the disk that a machine began with becomes a Pod's, or goes with the machine", async () => {
    const disks = await prepared();
    for (const machine of ["one", "two"]) await (await disks.makeBlank(machine)).close();
    disks.hold("uid", "one");
    await disks.adopt("uid", "one");
    await disks.release("other", "two");
    expect(readdirSync(folder)).toEqual(["uid.ext4"]);
    await (await disks.find("uid"))?.close();
    expect(await disks.find("nobody")).toBeUndefined();
  });

  test("after a restart what nobody holds goes", async () => {
    const before = await prepared();
    for (const uid of ["kept", "../left"]) await (await before.open(uid)).file.close();
    await (await before.makeBlank("spare")).close();
    const after = new PodDisks(folder, quiet);
    after.hold("kept", "sandbox");
    await after.sweep();
    expect(readdirSync(folder)).toEqual(["kept.ext4"]);
  });
});

test("PodDisks says why there are none", async () => {
  const path = join(folder, "file");
  writeFileSync(path, "");
  const disks = new PodDisks(path, quiet);
  await disks.prepare();
  expect(disks.sizeBytes).toBe(0);
  expect(disks.problem).toContain("EEXIST");
  expect(disks.open("uid")).rejects.toThrow("EEXIST");
  await disks.release("uid", "sandbox");
  await disks.sweep();
});
