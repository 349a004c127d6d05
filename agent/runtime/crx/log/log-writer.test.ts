import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../../supervisor/base/clock.ts";
import { Logger } from "../../../../supervisor/base/logging.ts";
import { defaultLogLimits, type LogLimits } from "./log-file.ts";
import { LogWriter } from "./log-writer.ts";

const prefix = "2026-01-31T12:00:00.123000000Z stdout F ";
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pacific-log-"));
  path = join(folder, "web", "0.log");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(limits: LogLimits = defaultLogLimits, warnings: string[] = []): Promise<LogWriter> {
  return LogWriter.open({
    path,
    positionPath: join(folder, "position"),
    limits,
    clock: { ...systemClock, now: () => Date.parse("2026-01-31T12:00:00.123Z") },
    logger: new Logger("debug", (line) => warnings.push(line)),
  });
}

function write(writer: LogWriter, text: string): Promise<void> {
  return writer.write([{ stream: "stdout", bytes: Buffer.from(text) }]);
}

describe("LogWriter", () => {
  test("writes both streams in the order of their arrival", async () => {
    const writer = await open();
    await writer.write([
      { stream: "stdout", bytes: Buffer.from("out\n") },
      { stream: "stderr", bytes: Buffer.from("err\nrest") },
    ]);
    expect([writer.offset("stdout"), writer.offset("stderr")]).toEqual([4, 4]);
    await writer.write([{ stream: "stderr" }, { stream: "stdout" }]);
    expect([writer.offset("stdout"), writer.offset("stderr")]).toEqual([4, 8]);
    await writer.close();
    expect(readFileSync(path, "utf8")).toBe(
      `${prefix}out\n${prefix.replace("stdout", "stderr")}err\n${prefix.replace("stdout F", "stderr P")}rest\n`,
    );
  });

  test("cuts off what a killed process wrote without recording it, and resumes at the recorded offset", async () => {
    const first = await open();
    await write(first, "one\ntwo\n");
    await write(first, "half a li");
    await first.close();
    appendFileSync(path, `${prefix}three\n2026-01-31T12:00`);
    const second = await open();
    expect(second.offset("stdout")).toBe(8);
    await write(second, "half a line\nthree\n");
    await second.close();
    expect(readFileSync(path, "utf8")).toBe(
      ["one", "two", "half a line", "three"].map((line) => `${prefix}${line}\n`).join(""),
    );
  });

  test.each([
    ["of all", () => {}],
    ["of a new file", () => renameSync(path, `${path}.20260131-120000.000`)],
  ])("cuts off the first batch %s where its record was not written any more", async (_, before) => {
    await (await open()).close();
    before();
    await (await open()).close();
    appendFileSync(path, `${prefix}one\n`);
    const next = await open();
    await write(next, "one\n");
    await next.close();
    expect(readFileSync(path, "utf8")).toBe(`${prefix}one\n`);
  });

  test("begins a new file when one would grow too long, and keeps the newest", async () => {
    const writer = await open({ maxBytes: 100, maxFiles: 3 });
    for (let line = 0; line < 12; line += 1) await write(writer, `line ${line}\n`);
    await writer.close();
    const names = readdirSync(join(folder, "web")).sort();
    expect(names).toHaveLength(3);
    expect(names[1]).toMatch(/^0\.log\.\d{8}-\d{6}\.\d{3}$/);
    const text = [...names.slice(1), "0.log"].map((name) => readFileSync(join(folder, "web", name), "utf8"));
    expect(text.join("")).toBe([6, 7, 8, 9, 10, 11].map((line) => `${prefix}line ${line}\n`).join(""));
  });

  test("keeps the newest lines where the clock has gone back", async () => {
    const later = join(folder, "web", "0.log.29990101-000000.000");
    const writer = await open({ maxBytes: 40, maxFiles: 3 });
    writeFileSync(later, "of the future\n");
    for (const line of ["one", "two", "three"]) await write(writer, `${line}\n`);
    await writer.close();
    const names = readdirSync(join(folder, "web")).sort();
    expect(names).toEqual(["0.log", "0.log.29990101-000000.001", "0.log.29990101-000000.002"]);
  });

  test("a process killed between renaming the old file and recording the new one loses nothing", async () => {
    const first = await open();
    await write(first, "one\n");
    await first.close();
    for (const leaveNewFile of [false, true]) {
      renameSync(path, `${path}.20260131-12000${Number(leaveNewFile)}.000`);
      if (leaveNewFile) writeFileSync(path, "");
      const next = await open();
      expect(next.offset("stdout")).toBe(leaveNewFile ? 8 : 4);
      await write(next, "two\n");
      await next.close();
      expect(readFileSync(path, "utf8")).toBe(`${prefix}two\n`);
    }
  });

  test("goes on in a file that somebody else made shorter", async () => {
    const first = await open();
    await write(first, "one\ntwo\n");
    await first.close();
    writeFileSync(path, "kept\n");
    const second = await open();
    await write(second, "three\n");
    await second.close();
    expect(readFileSync(path, "utf8")).toBe(`kept\n${prefix}three\n`);
  });

  test("says so when it cannot write, and gives up when told to", async () => {
    const warnings: string[] = [];
    const writer = await open({ maxBytes: 1, maxFiles: 2 }, warnings);
    await write(writer, "one\n");
    rmSync(join(folder, "web"), { recursive: true });
    const failing = write(writer, "two\n");
    while (warnings.length === 0) await Bun.sleep(1);
    writer.giveUp();
    await failing;
    expect(warnings[0]).toContain("Container log not written, trying again");
    expect(writer.offset("stdout")).toBe(4);
    await writer.close();
  });
});
