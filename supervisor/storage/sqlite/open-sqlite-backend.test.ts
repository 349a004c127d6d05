import { afterEach, expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Logger } from "../../base/logging.ts";
import { type Backend, StorageFailureError } from "../backend.ts";
import { fastFolder } from "./fast-folder.ts";
import { openSqliteBackend } from "./open-sqlite-backend.ts";

const logger = new Logger("error");
const folders: string[] = [];

function newFolder(): string {
  const folder = fastFolder();
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function openError(path: string): unknown {
  try {
    void openSqliteBackend({ path, logger }).close();
    return undefined;
  } catch (error) {
    return error;
  }
}

async function fill(backend: Backend, count: number): Promise<void> {
  const value = "x".repeat(1000);
  await Promise.all(Array.from({ length: count }, (_, i) => backend.create(`/k/${i}`, value)));
}

test("open creates the folder and the file for their owner alone", async () => {
  const folder = join(newFolder(), "deep", "db");
  const path = join(folder, "state.db");
  const backend = openSqliteBackend({ path, logger });
  await backend.create("/a", "1");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of ["state.db", "state.db-wal"])
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  await backend.close();
});

test("a file that is open already is refused with the process that has it, and opens once that is over", async () => {
  const path = join(newFolder(), "state.db");
  const first = openSqliteBackend({ path, logger });
  await first.create("/a", "1");
  const error = openError(path);
  expect(error).toBeInstanceOf(StorageFailureError);
  expect(String(error)).toContain(`process ${process.pid} has it open, stop that process`);
  await first.create("/b", "1");
  await first.close();
  const second = openSqliteBackend({ path, logger });
  expect((await second.range({ prefix: "/" })).items).toHaveLength(2);
  await second.close();
});

test("a file that is no database is refused and left as it was", () => {
  const path = join(newFolder(), "state.db");
  writeFileSync(path, "not a database, but somebody's text ".repeat(100));
  const before = readFileSync(path);
  const error = openError(path);
  expect(error).toBeInstanceOf(StorageFailureError);
  expect(String(error)).toContain("not a sound SQLite database");
  expect(readFileSync(path).equals(before)).toBe(true);
});

test("damage in the middle of a file is told when it is met, by opening or by reading", async () => {
  const path = join(newFolder(), "state.db");
  const backend = openSqliteBackend({ path, logger });
  await fill(backend, 500);
  await backend.close();
  const bytes = readFileSync(path);
  bytes.fill(0xa5, 8192, bytes.length - 8192);
  writeFileSync(path, bytes);
  const read = async (): Promise<unknown> => {
    const damaged = openSqliteBackend({ path, logger });
    return damaged.range({ prefix: "/" }).finally(() => damaged.close());
  };
  const error = await read().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StorageFailureError);
  expect(String(error)).toContain("not a sound SQLite database");
});

test("a path that cannot be opened is refused with the path", () => {
  const path = join(newFolder(), "state.db");
  mkdirSync(path);
  expect(String(openError(path))).toContain(path);
  expect(openError("/dev/null/state.db")).toBeInstanceOf(StorageFailureError);
});
