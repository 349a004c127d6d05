/**
 * What a durable write costs: `bun test/performance/storage.ts [FOLDER]`. The SQLite driver against a floor of one
 * table and the same group commit, in turns on the same disk, each figure the middle one of several rounds.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Logger } from "../../supervisor/base/logging.ts";
import { openSqliteBackend } from "../../supervisor/storage/sqlite/open-sqlite-backend.ts";
import { BareStore } from "./load/bare-store.ts";
import { median } from "./load/distribution.ts";
import { configMap, paddedNumber } from "./load/objects.ts";

const rounds = 5;
const writes = 8000;
const value = configMap("bench", "cm-000000").toString();
const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), "pacific-performance-"));
const logger = new Logger("error");

interface Cost {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

/** Runs `count` operations, so many of them under way at a time. */
async function measure(
  count: number,
  concurrency: number,
  operation: (index: number) => Promise<unknown>,
): Promise<Cost> {
  let next = 0;
  const cpuStart = process.cpuUsage();
  const start = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < count) await operation(next++);
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpuStart);
  return { perSecond: count / seconds, cpuMicros: (user + system) / count };
}

function print(name: string, costs: readonly Cost[]): void {
  const rate = median(costs.map(({ perSecond }) => perSecond));
  const cpu = median(costs.map(({ cpuMicros }) => cpuMicros));
  process.stdout.write(
    `${name.padEnd(30)} ${rate.toFixed(0).padStart(7)}/s  ${cpu.toFixed(1).padStart(6)} µs CPU\n`,
  );
}

async function compareWrites(concurrency: number): Promise<void> {
  const floor: Cost[] = [];
  const creates: Cost[] = [];
  const updates: Cost[] = [];
  for (let round = 0; round < rounds; round++) {
    const name = `${concurrency}-${round}`;
    const key = (index: number): string => `/registry/configmaps/bench/cm-${paddedNumber(index)}`;
    const bare = new BareStore(join(folder, `bare-${name}.db`));
    floor.push(await measure(writes, concurrency, (index) => bare.put(key(index), value)));
    bare.close();
    const backend = openSqliteBackend({ path: join(folder, `state-${name}.db`), logger });
    creates.push(await measure(writes, concurrency, (index) => backend.create(key(index), value)));
    const states = (await backend.range({ prefix: "" })).items;
    updates.push(
      await measure(writes, concurrency, async (index) => {
        const state = states[(index * 7919) % writes];
        if (state !== undefined) await backend.update(state.key, value, state.modRevision);
      }),
    );
    await backend.close();
  }
  print(`floor, ${concurrency} at a time`, floor);
  print(`create, ${concurrency} at a time`, creates);
  print(`update, ${concurrency} at a time`, updates);
}

async function measureReads(): Promise<void> {
  const backend = openSqliteBackend({ path: join(folder, "reads.db"), logger });
  const key = (index: number): string => `/registry/configmaps/bench/cm-${paddedNumber(index % writes)}`;
  await measure(writes, 64, (index) => backend.create(key(index), value));
  print("get, one after another", [await measure(writes, 1, (index) => backend.get(key(index * 7919)))]);
  const list = await measure(10, 1, () => backend.range({ prefix: "/registry/configmaps/" }));
  print(`list of ${writes}`, [list]);
  await backend.close();
}

/** What a commit costs with many watches beside the one that it concerns. */
async function measureWatches(watchers: number): Promise<void> {
  const backend = openSqliteBackend({ path: join(folder, `watches-${watchers}.db`), logger });
  const sink = { events: () => undefined, end: () => undefined };
  const rssBefore = process.memoryUsage.rss();
  for (let i = 0; i < watchers; i++)
    backend.watch(`/registry/pods/ns-${i}/`, backend.currentRevision(), sink);
  const kib = (process.memoryUsage.rss() - rssBefore) / 1024;
  const cost = await measure(writes, 16, (index) => backend.create(`/registry/pods/ns-0/${index}`, value));
  print(`create, ${watchers} idle watches`, [cost]);
  if (watchers > 0) process.stdout.write(`  ${(kib / watchers).toFixed(2)} KiB for each watch\n`);
  await backend.close();
}

try {
  for (const concurrency of [16, 64]) await compareWrites(concurrency);
  await measureReads();
  for (const watchers of [0, 10_000]) await measureWatches(watchers);
} finally {
  rmSync(folder, { recursive: true });
}
