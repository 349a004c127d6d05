import { afterEach, expect, test } from "bun:test";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { Logger } from "../../base/logging.ts";
import { type Backend, CompactedError, type KeyValue } from "../backend.ts";
import type { HistoryBounds } from "./compactor.ts";
import { fastFolder } from "./fast-folder.ts";
import { openSqliteBackend } from "./open-sqlite-backend.ts";

const folders: string[] = [];
let backend: Backend;

afterEach(async () => {
  await backend.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function open(bounds: Partial<HistoryBounds> = {}) {
  const folder = fastFolder();
  folders.push(folder);
  const clock = new FakeClock();
  const path = join(folder, "state.db");
  backend = openSqliteBackend({ path, clock, logger: new Logger("error"), ...bounds });
  return { clock, path };
}

async function isCompacted(revision: number): Promise<boolean> {
  const error = await backend.get("/", revision).catch((thrown: unknown) => thrown);
  return error instanceof CompactedError;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error("The condition did not come true");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function updateTimes(state: KeyValue, times: number, value: string): Promise<KeyValue> {
  let latest = state;
  for (let i = 0; i < times; i++) latest = await backend.update(latest.key, value, latest.modRevision);
  return latest;
}

test("a store without history has no timer", () => {
  const { clock } = open();
  expect(clock.pending).toBe(0);
});

test("history goes after its age, and the timer with it", async () => {
  const { clock } = open({ historyAgeMs: 1000 });
  const first = await backend.create("/a", "1");
  const second = await backend.create("/b", "1");
  await clock.advance(999);
  expect(await isCompacted(first.modRevision - 1)).toBe(false);
  await clock.advance(1);
  await until(() => isCompacted(first.modRevision - 1));
  expect(await isCompacted(first.modRevision)).toBe(false);
  expect(clock.pending).toBe(1);
  await clock.advance(1000);
  await until(() => isCompacted(first.modRevision));
  expect(await isCompacted(second.modRevision)).toBe(false);
  expect(clock.pending).toBe(0);
});

test("a store opened with history lets it go after its age", async () => {
  const { clock, path } = open();
  const { modRevision } = await backend.create("/a", "1");
  await backend.close();
  expect(clock.pending).toBe(0);
  backend = openSqliteBackend({ path, clock, logger: new Logger("error") });
  expect(clock.pending).toBe(1);
  await clock.advance(5 * 60_000);
  await until(() => isCompacted(modRevision - 1));
});

test("history beyond its count goes without waiting", async () => {
  open({ historyLimit: 100 });
  const created = await backend.create("/a", "0");
  const last = await updateTimes(created, 150, "1");
  await until(() => isCompacted(created.modRevision));
  expect(await isCompacted(last.modRevision - 90)).toBe(false);
});

test("history beyond its size goes without waiting", async () => {
  open({ historyChars: 100_000 });
  const created = await backend.create("/a", "x".repeat(1000));
  const last = await updateTimes(created, 150, "x".repeat(1000));
  await until(() => isCompacted(created.modRevision));
  expect(await isCompacted(last.modRevision - 80)).toBe(false);
});

test("compaction gives room back to the file system, and keeps the newest states", async () => {
  const { path } = open();
  const value = "x".repeat(20_000);
  const created = await Promise.all(Array.from({ length: 1500 }, (_, i) => backend.create(`/${i}`, value)));
  await Promise.all(created.slice(1).map(({ key, modRevision }) => backend.delete(key, modRevision)));
  await backend.compact(backend.currentRevision());
  expect((await backend.range({ prefix: "/" })).items).toEqual(created.slice(0, 1));
  await backend.close();
  expect(statSync(path).size).toBeLessThan(12 * 1024 * 1024);
});

test("compactions at the same time all wait for their rows", async () => {
  open();
  const created = await backend.create("/a", "0");
  const last = await updateTimes(created, 50, "1");
  const first = backend.compact(last.modRevision - 40);
  const second = backend.compact(last.modRevision - 10);
  await Promise.all([first, second]);
  expect(await isCompacted(last.modRevision - 11)).toBe(true);
  expect(await backend.get("/a", last.modRevision - 10)).toMatchObject({ value: "1" });
});
