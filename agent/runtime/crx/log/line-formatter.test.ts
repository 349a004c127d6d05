import { describe, expect, test } from "bun:test";
import fc from "../../../../test/framework/fast-check.ts";
import { LineFormatter, maxPieceBytes } from "./line-formatter.ts";

const time = "2026-01-31T12:00:00.123000000Z";

/** What kubelet's reader makes of the entries: the text of `F` with a newline, of `P` without. */
function readEntries(entries: string): string {
  const lines = entries.split("\n").slice(0, -1);
  return lines
    .map((line) => line.slice(`${time} stdout F `.length) + (line.includes(" F ") ? "\n" : ""))
    .join("");
}

describe("LineFormatter", () => {
  test("writes an entry for each line and keeps what has not ended", () => {
    const formatter = new LineFormatter("stderr", 10);
    expect(formatter.format(Buffer.from("one\n\ntw"), time).toString()).toBe(
      `${time} stderr F one\n${time} stderr F \n`,
    );
    expect(formatter.offset).toBe(15);
    expect(formatter.format(Buffer.from("o\n"), time).toString()).toBe(`${time} stderr F two\n`);
    expect(formatter.offset).toBe(19);
  });

  test("cuts a line longer than 16 KiB into P entries and a last F entry", () => {
    const formatter = new LineFormatter("stdout", 0);
    const line = "x".repeat(2 * maxPieceBytes + 5);
    const entries = formatter.format(Buffer.from(`${line}\n`), time).toString();
    expect(entries.split("\n").map((entry) => [entry[time.length + 8], entry.length])).toEqual([
      ["P", time.length + 10 + maxPieceBytes],
      ["P", time.length + 10 + maxPieceBytes],
      ["F", time.length + 10 + 5],
      [undefined, 0],
    ]);
  });

  test("ends a last line without a newline as P", () => {
    const formatter = new LineFormatter("stdout", 0);
    expect(formatter.format(Buffer.from("prompt> "), time).length).toBe(0);
    expect(formatter.offset).toBe(0);
    expect(formatter.finish(time).toString()).toBe(`${time} stdout P prompt> \n`);
    expect(formatter.offset).toBe(8);
    expect(formatter.finish(time).length).toBe(0);
  });

  test("loses and adds no byte, however the stream is cut", () => {
    const piece = fc.oneof(
      fc.string({ unit: fc.constantFrom("a", "\n"), maxLength: 40 }),
      fc.constant("z".repeat(20_000)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const formatter = new LineFormatter("stdout", 0);
        const entries = pieces.map((text) => formatter.format(Buffer.from(text), time).toString());
        const all = entries.join("") + formatter.finish(time).toString();
        expect(readEntries(all)).toBe(pieces.join(""));
        expect(formatter.offset).toBe(pieces.join("").length);
      }),
      { numRuns: 60 },
    );
  });
});
