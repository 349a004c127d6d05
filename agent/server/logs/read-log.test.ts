import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "../../../test/framework/fast-check.ts";
import { LogFormatter } from "./log-formatter.ts";
import { type LogOptions, readLogOptions } from "./log-options.ts";
import { readLog } from "./read-log.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "log-"));
  path = join(folder, "0.log");
});
afterEach(() => rmSync(folder, { recursive: true }));

const plain: LogOptions = { follow: false, previous: false, timestamps: false };
const time = (second: number): string => `2026-01-31T12:00:${String(second).padStart(2, "0")}.000000000Z`;
const entry = (text: string, second = 0, tag = "F", stream = "stdout"): string =>
  `${time(second)} ${stream} ${tag} ${text}\n`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => entry(`line ${from + index}`, (from + index) % 60)).join(
    "",
  );
const texts = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join("");

async function read(options: Partial<LogOptions> = {}, ended = Promise.resolve()): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readLog(
    { path, ended },
    { ...plain, ...options },
    new AbortController().signal,
  )) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

test("entries become lines, those of a long line are joined, and what is none is left out", async () => {
  writeFileSync(
    path,
    `${entry("one")}${entry("tw", 1, "P")}${entry("o", 1)}nonsense\n${entry("", 2)}${entry("end", 3, "P")}`,
  );
  expect(await read()).toBe("one\ntwo\n\nend");
  expect(await read({ timestamps: true })).toBe(
    `${time(0)} one\n${time(1)} two\n${time(2)} \n${time(3)} end`,
  );
});

test("a log that does not exist is empty", async () => {
  expect(await read()).toBe("");
  expect(await read({ follow: true })).toBe("");
  path = join(folder, "absent", "0.log");
  expect(await read({ follow: true })).toBe("");
});

test("rotated files come first, oldest first", async () => {
  writeFileSync(`${path}.20260131-120000.000`, lines(0, 10));
  writeFileSync(`${path}.20260131-120500.000`, lines(10, 20));
  writeFileSync(path, lines(20, 30));
  expect(await read()).toBe(texts(0, 30));
});

test.each([0, 1, 5, 10, 11, 25, 30, 1000])("the last %d lines are found across files", async (tailLines) => {
  writeFileSync(`${path}.20260131-120000.000`, lines(0, 10));
  writeFileSync(`${path}.20260131-120500.000`, lines(10, 20));
  writeFileSync(path, lines(20, 30));
  expect(await read({ tailLines })).toBe(texts(Math.max(0, 30 - tailLines), 30));
});

test("the last lines of a log that grows meanwhile are no more than were asked for, but for who follows it", () => {
  const grown = Buffer.from(lines(7, 12));
  const formatted = (follow: boolean): string =>
    new LogFormatter({ ...plain, follow, tailLines: 2 }).format(grown).toString();
  expect(formatted(false)).toBe(texts(7, 9));
  expect(formatted(true)).toBe(texts(7, 12));
});

test("the last lines are found in files of any size", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 6000 }), fc.nat({ max: 6000 }), async (count, tailLines) => {
      writeFileSync(path, lines(0, count));
      expect(await read({ tailLines })).toBe(texts(Math.max(0, count - tailLines), count));
    }),
    { numRuns: 25 },
  );
});

test("since, streams and the limit of bytes choose", async () => {
  writeFileSync(path, `${entry("a", 1)}${entry("b", 2, "F", "stderr")}${entry("c", 3)}`);
  expect(await read({ sinceMs: Date.parse(time(2)) })).toBe("b\nc\n");
  expect(await read({ stream: "stderr" })).toBe("b\n");
  expect(await read({ stream: "stdout" })).toBe("a\nc\n");
  expect(await read({ limitBytes: 3 })).toBe("a\nb");
  expect(await read({ limitBytes: 3, follow: true }, new Promise(() => {}))).toBe("a\nb");
});

interface Follower {
  until(text: string): Promise<void>;
  readonly done: Promise<string>;
}

function follow(
  ended: Promise<void>,
  options: Partial<LogOptions> = {},
  signal = new AbortController().signal,
): Follower {
  let received = "";
  let wake = (): void => {};
  const run = async (): Promise<string> => {
    for await (const chunk of readLog({ path, ended }, { ...plain, follow: true, ...options }, signal)) {
      received += chunk.toString("utf8");
      wake();
    }
    return received;
  };
  const until = async (text: string): Promise<void> => {
    while (!received.endsWith(text)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { until, done: run() };
}

test("a followed log goes on through appends and rotations until the container ends", async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  writeFileSync(path, lines(0, 5));
  const follower = follow(ended);
  await follower.until("line 4\n");
  appendFileSync(path, "2026-01-31T12:00:05.000000000Z stdout F li");
  appendFileSync(path, "ne 5\n");
  await follower.until("line 5\n");
  appendFileSync(path, lines(6, 8));
  renameSync(path, `${path}.20260131-120000.000`);
  writeFileSync(path, lines(8, 10));
  renameSync(path, `${path}.20260131-120001.000`);
  writeFileSync(path, lines(10, 12));
  await follower.until("line 11\n");
  appendFileSync(path, lines(12, 13));
  end();
  expect(await follower.done).toBe(texts(0, 13));
});

test("a followed log that is not there yet is waited for", async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const follower = follow(ended);
  writeFileSync(path, lines(0, 2));
  await follower.until("line 1\n");
  end();
  expect(await follower.done).toBe(texts(0, 2));
});

test("a log that is cut is read on from there", async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  writeFileSync(path, lines(0, 3));
  const follower = follow(ended);
  await follower.until("line 2\n");
  truncateSync(path, lines(0, 2).length);
  await new Promise((resolve) => setImmediate(resolve));
  end();
  expect(await follower.done).toBe(texts(0, 3));
});

test("the signal ends a follower", async () => {
  const stopping = new AbortController();
  writeFileSync(path, lines(0, 1));
  const follower = follow(new Promise(() => {}), {}, stopping.signal);
  await follower.until("line 0\n");
  stopping.abort();
  expect(await follower.done).toBe("line 0\n");
});

test("however the bytes are cut, the output is the same", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 });
  fc.assert(
    fc.property(pieces, fc.boolean(), (chunks, timestamps) => {
      const whole = new LogFormatter({ ...plain, timestamps }).format(Buffer.concat(chunks));
      const formatter = new LogFormatter({ ...plain, timestamps });
      const parts = chunks.map((chunk) => formatter.format(Buffer.from(chunk)));
      expect(Buffer.concat(parts).equals(whole)).toBe(true);
    }),
  );
});

test.each([
  ["tailLines=x", 400],
  ["sinceSeconds=1.5", 400],
  ["sinceTime=yesterday", 400],
  ["tailLines=-1", 422],
  ["limitBytes=0", 422],
  ["sinceSeconds=0", 422],
  ["sinceSeconds=1&sinceTime=2026-01-31T12:00:00Z", 422],
  ["stream=stdin", 422],
  ["stream=Stdout&tailLines=1", 422],
])("the query %s is refused as the kubelet does, with %d", (query, status) => {
  const message = status === 400 ? "Unable to decode query." : "Invalid request.";
  const read = () => readLogOptions(new URLSearchParams(query), 0);
  expect(read).toThrow(expect.objectContaining({ status, message: `{"message": "${message}"}` }));
});

test("the older name of a log's tail is understood", () => {
  expect(readLogOptions(new URLSearchParams("tail=3"), 0)).toMatchObject({ tailLines: 3 });
  expect(readLogOptions(new URLSearchParams("tail=all&tailLines=3"), 0)).not.toHaveProperty("tailLines");
});
