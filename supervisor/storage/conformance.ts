/** The one suite that holds every storage driver to the promises of `backend.ts`; run by each driver's tests. */
import { afterEach, beforeEach, describe } from "bun:test";
import { describeHistory } from "./conformance/history.ts";
import { describeRandomOperations } from "./conformance/random-operations.ts";
import { describeRanges } from "./conformance/ranges.ts";
import type { StoreUnderTest } from "./conformance/store.ts";
import { describeWatches } from "./conformance/watches.ts";
import { describeWrites } from "./conformance/writes.ts";

/** Declares the suite for a driver; `open` gives each test a new, empty store. */
export function describeBackend(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let current: StoreUnderTest | undefined;
    const store = (): StoreUnderTest => {
      if (current === undefined) throw new Error("No store is open outside of a test");
      return current;
    };
    beforeEach(async () => {
      current = await open();
    });
    afterEach(() => store().remove());

    describe("writes", () => describeWrites(store));
    describe("ranges", () => describeRanges(store));
    describe("history", () => describeHistory(store));
    describe("watches", () => describeWatches(store));
  });
  describe(`${name}, random operations`, () => describeRandomOperations(open));
}
