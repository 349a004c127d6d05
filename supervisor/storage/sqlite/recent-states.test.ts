import { expect, test } from "bun:test";
import { RecentStates } from "./recent-states.ts";

const state = (key: string, value = "") => ({ key, value, createRevision: 1, modRevision: 1 });

test("RecentStates keeps the newest states, and none that is large", () => {
  const states = new RecentStates();
  for (let index = 0; index < 100; index++) states.set(state(String(index)));
  states.set(state("large", "x".repeat(100_000)));
  expect(states.get("0")).toBeUndefined();
  expect(states.get("large")).toBeUndefined();
  expect(states.get("99")?.key).toBe("99");
});

test("RecentStates forgets a state that has grown large", () => {
  const states = new RecentStates();
  states.set(state("a", "small"));
  states.set(state("a", "x".repeat(100_000)));
  expect(states.get("a")).toBeUndefined();
});
