import { expect, test } from "bun:test";
import { Logger } from "../../../supervisor/base/logging.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { RuntimeError } from "../runtime.ts";
import { StartDeadline } from "./start-deadline.ts";

const machine = { pid: 7, startTime: "1" };

function setUp(share: number, other?: AbortSignal) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const logger = new Logger("info", (line) => lines.push(line.slice(line.indexOf("The guest"))));
  const begunMs = clock.steady();
  const wantedMs = (): number => share * (clock.steady() - begunMs);
  const what = "The guest of sandbox a1";
  const deadline = new StartDeadline({ clock, logger, what, limitMs: 60_000, wantedMs }, other);
  return { clock, lines, deadline };
}

test("a machine that does nothing is given up after its limit", async () => {
  const { clock, deadline, lines } = setUp(0.005);
  deadline.follow(machine);
  await clock.advance(60_000);
  const error = deadline.signal.reason;
  expect(error).toBeInstanceOf(RuntimeError);
  expect(error).toMatchObject({
    kind: "timeout",
    message: "The guest of sandbox a1 did not answer within 60000 ms",
  });
  expect(lines).toEqual([]);
});

test("a machine that works has ten minutes, which one line tells", async () => {
  const { clock, deadline, lines } = setUp(0.9);
  deadline.follow(machine);
  await clock.advance(599_000);
  expect(deadline.signal.aborted).toBe(false);
  expect(lines).toEqual([
    "The guest of sandbox a1 is slow to answer: QEMU is working waitedMs=60000 longestMs=600000\n",
  ]);
  await clock.advance(1000);
  expect(String(deadline.signal.reason)).toContain("did not answer within 600000 ms");
});

test("without a process nothing works", async () => {
  const { clock, deadline } = setUp(1);
  await clock.advance(60_000);
  expect(deadline.signal.aborted).toBe(true);
});

test("a start that was called off or has answered is not late", async () => {
  const called = new AbortController();
  const off = setUp(0, called.signal);
  called.abort(new Error("called off"));
  expect(off.deadline.signal.reason).toEqual(new Error("called off"));
  const answered = setUp(0);
  answered.deadline.stop();
  await answered.clock.advance(100_000);
  expect(answered.deadline.signal.aborted).toBe(false);
});
