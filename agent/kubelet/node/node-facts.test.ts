import { expect, test } from "bun:test";
import { readNodeFacts } from "./node-facts.ts";

test("readNodeFacts knows this box", async () => {
  const facts = await readNodeFacts("/tmp");
  expect(facts.cpuCount).toBeGreaterThan(0);
  expect(facts.memoryBytes).toBeGreaterThan(256 * 1024 * 1024);
  expect(facts.diskBytes).toBeGreaterThan(0);
  expect(facts.bootId).toMatch(/^[0-9a-f-]{36}$/);
  expect(facts.kernelVersion).not.toBe("");
  expect(facts.osImage).not.toBe("");
});
