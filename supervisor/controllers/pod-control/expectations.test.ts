import { expect, test } from "bun:test";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { Expectations } from "./expectations.ts";
import { slowStart } from "./slow-start.ts";

test("Expectations are waited for until all was seen, or for five minutes", async () => {
  const clock = new FakeClock();
  const expectations = new Expectations(clock);
  expect(expectations.waitMs("a/b")).toBe(0);
  expectations.expectCreations("a/b", 2);
  expectations.observeCreation("a/b");
  await clock.advance(1000);
  expect(expectations.waitMs("a/b")).toBe(299_000);
  expectations.observeCreation("a/b");
  expect(expectations.waitMs("a/b")).toBe(0);
  expectations.expectDeletions("a/b", ["x", "y"]);
  for (const name of ["x", "x", "z"]) expectations.observeDeletion("a/b", name);
  expect(expectations.waitMs("a/b")).toBe(300_000);
  await clock.advance(300_000);
  expect(expectations.waitMs("a/b")).toBe(0);
});

test("slowStart goes on in batches that double, up to the first that fails", async () => {
  let started = 0;
  expect(await slowStart(10, async () => void started++)).toEqual({ succeeded: 10 });
  expect(started).toBe(10);
  const failing = async () => {
    started++;
    if (started >= 13) throw new Error("full");
  };
  expect(await slowStart(100, failing)).toEqual({ succeeded: 2, failure: new Error("full") });
  expect(started).toBe(13);
});
