import { expect, setDefaultTimeout, test } from "bun:test";
import { linesOf, lostWrites, StoreFolder, startWriter } from "./writer.ts";
import type { WriterLine } from "./writer-process.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const rounds = 12;
const acknowledgedWrites = 1000;

/** Reads a writer's lines and kills it, with no chance to clean up, when it has said so many. */
async function killAfter(writer: ReturnType<typeof startWriter>, count: number): Promise<WriterLine[]> {
  const lines: WriterLine[] = [];
  for await (const line of linesOf(writer)) {
    lines.push(line);
    if (lines.length === count) writer.kill("SIGKILL");
  }
  await writer.exited;
  return lines;
}

function revisionsOf(lines: readonly WriterLine[]): number[] {
  return lines.flatMap((line) => (line.kind === "put" || line.kind === "delete" ? [line.revision] : []));
}

test(`kill -9 at ${rounds} random moments of ${acknowledgedWrites} acknowledged writes loses none, and no revision goes back`, async () => {
  using folder = new StoreFolder();
  const all: WriterLine[] = [];
  let newest = 0;
  for (let round = 0; round < rounds; round++) {
    const writer = startWriter({
      database: folder.database,
      concurrency: [1, 4, 16, 64][round % 4] ?? 16,
      writes: 1_000_000,
      name: `round-${round}`,
    });
    const share = Math.ceil(acknowledgedWrites / rounds);
    const lines = await killAfter(writer, share + Math.floor(Math.random() * share));
    const opened = lines[0];
    expect(opened?.kind).toBe("open");
    if (opened?.kind === "open") expect(opened.revision).toBeGreaterThanOrEqual(newest);
    newest = Math.max(newest, ...revisionsOf(lines));
    all.push(...lines);
  }
  const backend = folder.open();
  expect(backend.currentRevision()).toBeGreaterThanOrEqual(newest);
  expect(await lostWrites(backend, all)).toEqual([]);
  const revisions = revisionsOf(all);
  expect(revisions.length).toBeGreaterThanOrEqual(acknowledgedWrites);
  expect(new Set(revisions).size).toBe(revisions.length);
  expect((await backend.create("/after", "1")).modRevision).toBeGreaterThan(newest);
  await backend.close();
});

test("a store whose newest write was deleted and compacted keeps its revision through a kill", async () => {
  using folder = new StoreFolder();
  const backend = folder.open();
  const created = await backend.create("/a", "1");
  const deleted = await backend.delete("/a", created.modRevision);
  await backend.compact(deleted.modRevision);
  await backend.close();
  for (let round = 0; round < 2; round++) {
    const writer = startWriter({ database: folder.database, concurrency: 1, writes: 0, name: "none" });
    const lines = await killAfter(writer, 1);
    expect(lines).toEqual([{ kind: "open", revision: deleted.modRevision }]);
  }
});

test("a second process is refused by the first one's id, and opens the store as soon as that is killed", async () => {
  using folder = new StoreFolder();
  const writer = startWriter({ database: folder.database, concurrency: 1, writes: 1_000_000, name: "first" });
  const lines = linesOf(writer);
  await lines.next();
  expect(() => folder.open()).toThrow(`process ${writer.pid} has it open`);
  writer.kill("SIGKILL");
  await writer.exited;
  const backend = folder.open();
  await backend.create("/second", "1");
  await backend.close();
});
