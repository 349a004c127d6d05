/**
 * Fills a small disk with a store: `bun full-disk-process.ts FOLDER`. Prints what happened as one JSON object.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Logger } from "../../../supervisor/base/logging.ts";
import type { KeyValue } from "../../../supervisor/storage/backend.ts";
import { openSqliteBackend } from "../../../supervisor/storage/sqlite/open-sqlite-backend.ts";

const folder = process.argv[2] ?? "";
const path = join(folder, "state.db");
const filler = join(folder, "filler");
const logger = new Logger("error");
const value = "x".repeat(20_000);

writeFileSync(filler, Buffer.alloc(2 * 1024 * 1024));
let backend = openSqliteBackend({ path, logger, writes: "thread" });
const written: KeyValue[] = [];
const seen: string[] = [];
backend.watch("/", backend.currentRevision(), {
  events: (events) => seen.push(...events.map(({ current }) => current.key)),
  end: () => undefined,
});

let failure: unknown;
while (failure === undefined) {
  const batch = Array.from({ length: 8 }, (_, i) => backend.create(`/${written.length + i}`, value));
  for (const result of await Promise.allSettled(batch)) {
    if (result.status === "fulfilled") written.push(result.value);
    else failure = result.reason;
  }
}
const revision = backend.currentRevision();
const visible = (await backend.range({ prefix: "/" })).items.length !== written.length;
const eventsOfFailed = seen.length - written.length;
const last = written.pop();
const deletedWhileFull = await backend.delete(last?.key ?? "", last?.modRevision ?? 0).then(
  () => true,
  () => false,
);
rmSync(filler);
const afterwards = await backend.create("/afterwards", value).then(
  () => "put",
  (error: unknown) => String(error),
);
await backend.close();

backend = openSqliteBackend({ path, logger, writes: "thread" });
let lostAfterReopening = 0;
for (const state of written) {
  const found = await backend.get(state.key);
  if (found?.value !== value || found.modRevision !== state.modRevision) lostAfterReopening += 1;
}
await backend.close();
const { name, message } = failure instanceof Error ? failure : new Error(String(failure));
process.stdout.write(
  JSON.stringify({
    failed: name,
    message,
    revisionMoved: revision !== 1 + written.length + 1,
    visible,
    eventsOfFailed,
    deletedWhileFull,
    afterwards,
    lostAfterReopening,
  }),
);
