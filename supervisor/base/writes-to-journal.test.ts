import { expect, test } from "bun:test";
import { closeSync, fstatSync, openSync } from "node:fs";
import { Logger } from "./logging.ts";
import { writesToJournal } from "./writes-to-journal.ts";

test("a stream is the journal's when the journal has named it", () => {
  const descriptor = openSync("/dev/null", "w");
  const { dev, ino } = fstatSync(descriptor);
  expect(writesToJournal(`${dev}:${ino}`, descriptor)).toBe(true);
  expect(writesToJournal(`${dev}:${ino + 1}`, descriptor)).toBe(false);
  expect(writesToJournal("", descriptor)).toBe(false);
  closeSync(descriptor);
  expect(writesToJournal(`${dev}:${ino}`, descriptor)).toBe(false);
});

test("lines for the journal have a priority and no time of their own", () => {
  const lines: string[] = [];
  const logger = Logger.ofDaemon("info", true, (line) => lines.push(line)).with({ node: "box" });
  logger.info("Host is connected", { server: "https://10.0.0.1:6443" });
  logger.warn("No machine could be made", { error: new Error("it did not answer") });
  expect(lines).toEqual([
    "<6>INFO  Host is connected node=box server=https://10.0.0.1:6443\n",
    '<4>WARN  No machine could be made node=box error="it did not answer"\n',
  ]);
  Logger.ofDaemon("info", false, (line) => lines.push(line)).error("It ends");
  expect(lines.at(-1)).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z ERROR It ends\n$/);
});
