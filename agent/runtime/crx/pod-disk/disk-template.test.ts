import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFormatter } from "../../../find-formatter.ts";
import { DiskTemplate } from "./disk-template.ts";

const sizeBytes = 1 << 30;
const missing = findFormatter() ? "" : " (skipped: no mkfs.ext4)";
const folder = mkdtempSync(join(tmpdir(), "pacific-disk-"));

afterAll(() => rmSync(folder, { recursive: true }));

async function write(template: DiskTemplate, name: string): Promise<string> {
  const path = join(folder, name);
  const file = await open(path, "wx+");
  await template.write(file).finally(() => file.close());
  return path;
}

describe.skipIf(missing !== "")(`DiskTemplate${missing}`, () => {
  let template: DiskTemplate;
  beforeAll(async () => {
    template = await DiskTemplate.make(folder, sizeBytes);
  });

  test("makes disks of its size that take little of the host, and leaves nothing beside them", async () => {
    const path = await write(template, "one");
    const { size, blocks } = statSync(path);
    expect(size).toBe(sizeBytes);
    expect(blocks * 512).toBeLessThan(1 << 20);
    expect(readdirSync(folder)).toEqual(["one"]);
  });

  test("its disks are whole ext4 file systems", async () => {
    const path = await write(template, "two");
    const run = Bun.spawnSync(["e2fsck", "-fn", path], {
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    });
    expect(run.stdout.toString()).toContain("11/");
    expect(run.exitCode).toBe(0);
  });

  test("a disk that was changed can be a template too", async () => {
    const file = await open(await write(template, "three"), "r+");
    await file.write("changed", 512 << 20);
    const copy = await write(await DiskTemplate.read(file), "four");
    await file.close();
    const bytes = Buffer.alloc(7);
    const read = await open(copy, "r");
    await read.read(bytes, 0, 7, 512 << 20).finally(() => read.close());
    expect(bytes.toString()).toBe("changed");
  });
});
