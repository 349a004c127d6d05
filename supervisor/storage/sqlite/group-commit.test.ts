import { afterEach, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type BackendEvent, KeyExistsError, StorageFailureError } from "../backend.ts";
import { openDatabase } from "./database.ts";
import { fastFolder } from "./fast-folder.ts";
import { GroupCommit } from "./group-commit.ts";
import { InlineRunner } from "./inline-runner.ts";
import { Reader } from "./reader.ts";
import { RecentStates } from "./recent-states.ts";
import { migrate } from "./schema.ts";

const folders: string[] = [];

function openCommits() {
  const folder = fastFolder();
  folders.push(folder);
  const path = join(folder, "state.db");
  const db = openDatabase(path);
  migrate(db, path);
  const reader = new Reader(db, new RecentStates(200));
  const runner = new InlineRunner(db);
  const commits: (readonly BackendEvent[])[] = [];
  const onCommit = (events: readonly BackendEvent[]): unknown => commits.push(events);
  return { db, reader, commits, group: new GroupCommit({ reader, runner, path, revision: 1, onCommit }) };
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

test("the writes of one turn are one commit, those of the next another", async () => {
  const { group, commits } = openCommits();
  const create = (key: string) => group.submit({ verb: "create", key, value: "1" });
  await Promise.all([create("/a"), create("/b"), create("/c")]);
  await create("/d");
  expect(commits.map((events) => events.length)).toEqual([3, 1]);
});

test("a flood of writes is committed in parts, and close waits for all of them", async () => {
  const { group, commits } = openCommits();
  const create = (key: number) => group.submit({ verb: "create", key: String(key), value: "1" });
  const flood = Array.from({ length: 1200 }, (_, i) => create(i));
  await flood[0];
  expect(commits).toHaveLength(1);
  await group.close();
  const states = await Promise.all(flood);
  expect(states.map(({ modRevision }) => modRevision)).toEqual(states.map((_, i) => i + 2));
  expect(commits.length).toBeGreaterThan(2);
  await expect(create(1200)).rejects.toThrow("is closed");
});

test("a refused write leaves the others of its commit alone and takes no revision", async () => {
  const { group, commits } = openCommits();
  const create = (key: string) => group.submit({ verb: "create", key, value: "1" });
  const results = await Promise.allSettled([create("/a"), create("/a"), create("/b")]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(commits[0]?.map(({ current }) => current.modRevision)).toEqual([2, 3]);
  await expect(create("/a")).rejects.toBeInstanceOf(KeyExistsError);
  expect(commits).toHaveLength(1);
});

test("a commit that cannot be written fails whole, shows nothing, and the next one works", async () => {
  const { db, group, commits, reader } = openCommits();
  const large = "x".repeat(100_000);
  const pages = Number(db.pragma("page_count", { simple: true }));
  db.pragma(`max_page_count = ${pages + 10}`);
  const results = await Promise.allSettled([
    group.submit({ verb: "create", key: "/a", value: "small" }),
    group.submit({ verb: "create", key: "/a", value: "refused" }),
    group.submit({ verb: "create", key: "/b", value: large }),
  ]);
  for (const result of results) {
    expect(result.status).toBe("rejected");
    if (result.status === "rejected") expect(result.reason).toBeInstanceOf(StorageFailureError);
    if (result.status === "rejected") expect(String(result.reason)).toContain("the disk is full");
  }
  expect(group.revision).toBe(1);
  expect(commits).toEqual([]);
  expect(reader.get("/a")).toBeUndefined();
  db.pragma(`max_page_count = ${pages + 1000}`);
  const created = await group.submit({ verb: "create", key: "/b", value: large });
  expect(created.modRevision).toBe(2);
});

test("a change that was rolled back was never there", async () => {
  const { db, group, reader } = openCommits();
  const { modRevision: expected } = await group.submit({ verb: "create", key: "/a", value: "old" });
  const pages = Number(db.pragma("page_count", { simple: true }));
  db.pragma(`max_page_count = ${pages + 10}`);
  const results = await Promise.allSettled([
    group.submit({ verb: "update", key: "/a", value: "new", expected }),
    group.submit({ verb: "create", key: "/b", value: "x".repeat(100_000) }),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(reader.get("/a")?.value).toBe("old");
});

test("a creation that meets a key which was not looked up is refused alone, in a commit written anew", async () => {
  const { group, commits, reader } = openCommits();
  const create = (key: string, value: string) => group.submit({ verb: "create", key, value });
  await create("/a", "old");
  // Pushes it out of the states at hand.
  await Promise.all(Array.from({ length: 100 }, (_, i) => create(`/other/${i}`, "1")));
  expect(reader.recent("/a")).toBeUndefined();
  const results = await Promise.allSettled([create("/b", "1"), create("/a", "new"), create("/c", "1")]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  if (results[1].status === "rejected") expect(results[1].reason).toBeInstanceOf(KeyExistsError);
  expect(commits.at(-1)?.map(({ current }) => current.key)).toEqual(["/b", "/c"]);
  expect(commits.at(-1)?.map(({ current }) => current.modRevision)).toEqual([103, 104]);
  expect(reader.get("/a")?.value).toBe("old");
});

test("while a creation is under way its key has the state that all others see", async () => {
  const { db, reader } = openCommits();
  const put = db.prepare("INSERT INTO current VALUES (?, ?, ?, ?)");
  put.run(2, 2, "/old", "old");
  put.run(3, 3, "/new", "new");
  reader.beginCommit(new Map(), 2);
  expect(reader.get("/old")?.value).toBe("old");
  expect(reader.get("/new")).toBeUndefined();
  reader.endCommit([]);
  expect(reader.get("/new")?.value).toBe("new");
});
