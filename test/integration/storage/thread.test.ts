import { expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Logger } from "../../../supervisor/base/logging.ts";
import { describeBackend } from "../../../supervisor/storage/conformance.ts";
import { fastFolder } from "../../../supervisor/storage/sqlite/fast-folder.ts";
import { openSqliteBackend } from "../../../supervisor/storage/sqlite/open-sqlite-backend.ts";

setDefaultTimeout(600_000);

function openIn(folder: string) {
  return openSqliteBackend({
    path: join(folder, "state.db"),
    logger: new Logger("error"),
    writes: "thread",
  });
}

describeBackend("SqliteBackend that writes in a thread", async () => {
  const folder = fastFolder();
  let backend = openIn(folder);
  return {
    get backend() {
      return backend;
    },
    reopen: async () => {
      await backend.close();
      backend = openIn(folder);
      return backend;
    },
    remove: async () => {
      await backend.close();
      await rm(folder, { recursive: true });
    },
  };
});

test("reads see one revision while commits come in another thread", async () => {
  const folder = fastFolder();
  const backend = openIn(folder);
  const keys = Array.from({ length: 50 }, (_, index) => `/objects/${index}`);
  let states = await Promise.all(keys.map((key) => backend.create(key, "0")));
  let isWriting = true;
  const reads = (async () => {
    for (let count = 0; isWriting || count < 10; count++) {
      const { items, revision } = await backend.range({ prefix: "/objects/" });
      // All are written in one commit, so each state that is ever visible has one value.
      expect(new Set(items.map(({ value }) => value)).size).toBe(1);
      expect(Math.max(...items.map(({ modRevision }) => modRevision))).toBeLessThanOrEqual(revision);
      const state = await backend.get(keys[count % keys.length] ?? "");
      expect(state?.modRevision).toBeLessThanOrEqual(backend.currentRevision());
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  for (let round = 1; round <= 100; round++) {
    states = await Promise.all(
      states.map(({ key, modRevision }) => backend.update(key, String(round), modRevision)),
    );
  }
  isWriting = false;
  await reads;
  await backend.close();
  await rm(folder, { recursive: true });
});
