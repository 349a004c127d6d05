import { expect, test } from "bun:test";
import { SharedParts } from "./shared-parts.ts";

const spec = (name: string) => ({ volumes: [{ name }], containers: [{ name: "web", env: [{ name: "A" }] }] });

test("SharedParts makes objects share what is alike at any depth, and changes nothing of what they say", () => {
  const parts = new SharedParts();
  const [first, second] = [parts.share(spec("a")), parts.share(spec("b"))];
  expect(second.containers).toBe(first.containers);
  expect(second.volumes).not.toBe(first.volumes);
  expect([first, second]).toEqual([spec("a"), spec("b")]);
  expect(parts.share(spec("a"))).toBe(first);
});

test("SharedParts remembers a bounded amount", () => {
  const parts = new SharedParts();
  const first = parts.share({ text: "first" });
  for (let index = 0; index < 200; index++) parts.share({ text: String(index).padStart(10_000) });
  expect(parts.share({ text: "first" })).not.toBe(first);
});
