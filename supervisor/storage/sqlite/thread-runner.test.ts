import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { openDatabase, sqliteCode } from "./database.ts";
import { fastFolder } from "./fast-folder.ts";
import { migrate } from "./schema.ts";
import { ThreadRunner } from "./thread-runner.ts";

test("ThreadRunner makes commits durable in their order, and a failed one changes nothing", async () => {
  const folder = fastFolder();
  const path = join(folder, "state.db");
  const reader = openDatabase(path);
  reader.pragma("journal_mode = WAL");
  migrate(reader, path);
  const runner = new ThreadRunner(path);
  const create = (revision: number, key: string) => ({ revision, createRevision: revision, key, value: "1" });
  const first = runner.run({ kind: "commit", changes: [create(2, "/a")] });
  const failed = runner.run({ kind: "commit", changes: [create(3, "/b"), create(4, "/a")] });
  const last = runner.run({
    kind: "commit",
    changes: [{ ...create(3, "/a"), createRevision: 2, value: "2" }],
  });
  await first;
  const error = await failed.catch((thrown: unknown) => thrown);
  expect(sqliteCode(error)).toBe("SQLITE_CONSTRAINT_UNIQUE");
  await last;
  const rows = reader.prepare("SELECT key, mod_revision AS revision, value FROM current").all();
  expect(rows).toEqual([{ key: "/a", revision: 3, value: "2" }]);
  await runner.close();
  await expect(runner.run({ kind: "purge", revision: 2 })).rejects.toThrow("The writing thread is closed");
  reader.close();
  rmSync(folder, { recursive: true });
});

test("ThreadRunner tells each task why the file cannot be opened", async () => {
  const folder = fastFolder();
  const runner = new ThreadRunner(folder);
  const error = await runner.run({ kind: "purge", revision: 2 }).catch((thrown: unknown) => thrown);
  expect(sqliteCode(error)).toBe("SQLITE_CANTOPEN");
  await runner.close();
  rmSync(folder, { recursive: true });
});
