import { afterEach, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Database, openDatabase } from "./database.ts";
import { fastFolder } from "./fast-folder.ts";
import { migrate, migrations } from "./schema.ts";

const folders: string[] = [];

function open(): { db: Database; path: string } {
  const folder = fastFolder();
  folders.push(folder);
  const path = join(folder, "state.db");
  return { db: openDatabase(path), path };
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const version = (db: Database): unknown => db.pragma("user_version", { simple: true });

test("an empty file gets the newest schema, and a second time nothing happens", () => {
  const { db, path } = open();
  migrate(db, path);
  migrate(db, path);
  expect(version(db)).toBe(migrations.length);
});

test("an older schema gets the steps that it lacks, and keeps its data", () => {
  const { db, path } = open();
  const steps = ["CREATE TABLE a (x INTEGER)", "ALTER TABLE a ADD COLUMN y INTEGER DEFAULT 7"];
  migrate(db, path, steps.slice(0, 1));
  db.exec("INSERT INTO a VALUES (1)");
  migrate(db, path, steps);
  expect(db.prepare("SELECT * FROM a").all()).toEqual([{ x: 1, y: 7 }]);
  expect(version(db)).toBe(2);
});

test("a step that fails leaves the schema as it was", () => {
  const { db, path } = open();
  migrate(db, path, ["CREATE TABLE a (x INTEGER)"]);
  const steps = ["CREATE TABLE a (x INTEGER)", "CREATE TABLE b (x INTEGER)", "nonsense"];
  expect(() => migrate(db, path, steps)).toThrow("syntax error");
  expect(version(db)).toBe(1);
  expect(db.prepare("SELECT name FROM sqlite_schema").pluck().all()).toEqual(["a"]);
});

test("a newer schema is refused with both versions and what to do", () => {
  const { db, path } = open();
  migrate(db, path);
  db.pragma(`user_version = ${migrations.length + 1}`);
  expect(() => migrate(db, path)).toThrow(
    `has schema version ${migrations.length + 1}, this version of pacific knows up to ${migrations.length}: run the newer version`,
  );
});

test("another program's database is refused and left alone", () => {
  const { db, path } = open();
  db.exec("CREATE TABLE theirs (x INTEGER)");
  expect(() => migrate(db, path)).toThrow("belongs to another program (application id 0)");
  expect(version(db)).toBe(0);
});
