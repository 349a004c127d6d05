import { describe, expect, test } from "bun:test";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { plainPatience, workingPatience } from "./patience.ts";

/** Waits with a limit of ten seconds for somebody who wants this share of a processor, changed as time goes on. */
function waiting(share: (atMs: number) => number) {
  const clock = new FakeClock();
  const begunMs = clock.steady();
  const said: string[] = [];
  let looks = 0;
  let [wanted, lastMs] = [0, 0];
  const wantedMs = (): number => {
    looks++;
    const atMs = clock.steady() - begunMs;
    for (; lastMs < atMs; lastMs++) wanted += share(lastMs);
    return wanted;
  };
  const stretched = (waitedMs: number): number => said.push(`stretched ${waitedMs}`);
  const patience = workingPatience({ clock, wantedMs, longestMs: 60_000, stretched });
  const stop = patience(10_000, (waitedMs) => said.push(`gave up ${waitedMs}`));
  return { clock, said, stop, looks: () => looks };
}

describe("workingPatience", () => {
  test("gives up at the limit who does nothing, and who is but idle", async () => {
    for (const share of [0, 0.01]) {
      const { clock, said } = waiting(() => share);
      await clock.advance(9999);
      expect(said).toEqual([]);
      await clock.advance(1);
      expect(said).toEqual(["gave up 10000"]);
      expect(clock.pending).toBe(0);
    }
  });

  test("waits on while work is done, says so once, and gives up at the longest time", async () => {
    const { clock, said } = waiting(() => 0.8);
    await clock.advance(59_999);
    expect(said).toEqual(["stretched 10000"]);
    await clock.advance(1);
    expect(said).toEqual(["stretched 10000", "gave up 60000"]);
  });

  test("gives up within two limits who stops working", async () => {
    const { clock, said } = waiting((atMs) => (atMs < 15_000 ? 1 : 0));
    await clock.advance(60_000);
    expect(said).toEqual(["stretched 10000", "gave up 30000"]);
  });

  test("looks at nothing before the limit comes near, and never after the wait has ended", async () => {
    const { clock, said, stop, looks } = waiting(() => 1);
    await clock.advance(8900);
    expect(looks()).toBe(0);
    await clock.advance(5000);
    stop();
    await clock.advance(100_000);
    expect(said).toEqual(["stretched 10000"]);
    expect(clock.pending).toBe(0);
  });
});

test("plainPatience goes by the clock alone", async () => {
  const clock = new FakeClock();
  const waited: number[] = [];
  plainPatience(clock)(500, (ms) => waited.push(ms));
  plainPatience(clock)(500, (ms) => waited.push(ms))();
  await clock.advance(1000);
  expect(waited).toEqual([500]);
});
