import { expect, test } from "bun:test";
import { RecentStates } from "./recent-states.ts";

const state = (key: string, value = "") => ({ key, value, createRevision: 1, modRevision: 1 });

test("RecentStates keeps the newest states that fit", () => {
  const states = new RecentStates(100);
  for (let index = 0; index < 10; index++) states.set(state(String(index), "x".repeat(19)));
  expect(states.get("4")).toBeUndefined();
  expect(states.get("5")?.value).toBe("x".repeat(19));
  states.set(state("large", "x".repeat(100)));
  expect(states.get("large")).toBeUndefined();
  expect(states.get("9")).toBeUndefined();
});

test("RecentStates counts a state that is replaced or gone no longer", () => {
  const states = new RecentStates(100);
  states.set(state("a", "x".repeat(90)));
  states.set(state("a", "y".repeat(80)));
  states.set(state("b", "x".repeat(10)));
  expect(states.get("a")?.value).toBe("y".repeat(80));
  states.delete("a");
  states.set(state("c", "x".repeat(80)));
  expect(states.get("b")).toBeDefined();
});
