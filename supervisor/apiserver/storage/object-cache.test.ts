import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../base/clock.ts";
import { Logger } from "../../base/logging.ts";
import type { Backend } from "../../storage/backend.ts";
import { openSqliteBackend } from "../../storage/sqlite/open-sqlite-backend.ts";
import { ObjectCache } from "./object-cache.ts";

const cleanups: Array<() => Promise<void> | void> = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const logger = new Logger("error");

function open(): Backend {
  const folder = mkdtempSync(join(tmpdir(), "object-cache-"));
  const backend = openSqliteBackend({ path: join(folder, "state.db"), logger, clock: systemClock });
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  cleanups.push(() => backend.close());
  return backend;
}

function role(name: string): string {
  return JSON.stringify({ kind: "Role", apiVersion: "v1", metadata: { name } });
}

test("ObjectCache knows what was there, and each write before its answer", async () => {
  const backend = open();
  for (let index = 0; index < 501; index++) await backend.create(`/registry/roles/a/${index}`, role("old"));
  const cache = new ObjectCache({
    backend,
    logger,
    prefix: "/registry/roles/",
    keep: ({ metadata }) => (metadata.name === "hidden" ? undefined : metadata.name),
  });
  await cache.start();
  cleanups.push(() => cache.stop());
  expect(Array.from(cache.values())).toHaveLength(501);
  const changes: unknown[] = [];
  const stop = cache.onChange((id, entry) => changes.push([id, entry]));
  const created = await backend.create("/registry/roles/b/new", role("new"));
  expect(cache.get("b/new")).toBe("new");
  const hidden = await backend.update("/registry/roles/b/new", role("hidden"), created.modRevision);
  expect(cache.get("b/new")).toBeUndefined();
  stop();
  await backend.delete("/registry/roles/b/new", hidden.modRevision);
  expect(changes).toEqual([
    ["b/new", "new"],
    ["b/new", undefined],
  ]);
});
