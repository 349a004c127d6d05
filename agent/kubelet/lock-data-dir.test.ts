import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "../../test/framework/fake-clock.ts";
import { HostError } from "./host-error.ts";
import { lockDataDir } from "./lock-data-dir.ts";

const { signal } = new AbortController();
const folder = mkdtempSync(join(tmpdir(), "pacific-lock-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("lockDataDir waits for what an earlier daemon leaves behind", async () => {
  const clock = new FakeClock();
  const earlier = await lockDataDir(folder, clock, signal);
  const later = lockDataDir(folder, clock, signal);
  await clock.advance(4000);
  await earlier.release();
  await (await later).release();
  expect(clock.pending).toBe(0);
});

test("lockDataDir refuses a folder that another daemon goes on having", async () => {
  const clock = new FakeClock();
  const other = await lockDataDir(folder, clock, signal);
  const refused = lockDataDir(folder, clock, signal).catch((error: unknown) => error);
  await clock.advance(5000);
  const error = await refused;
  expect(error).toBeInstanceOf(HostError);
  expect(String(error)).toContain(`Data folder ${folder} is in use by another pacific host`);
  await other.release();
});
