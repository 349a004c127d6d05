import { expect, test } from "bun:test";
import type { BackendEvent } from "../backend.ts";
import { EventRing } from "./event-ring.ts";

function put(revision: number, value: string): BackendEvent {
  return { type: "put", current: { key: "/a", value, createRevision: revision, modRevision: revision } };
}

const revisionsAfter = (ring: EventRing, revision: number): number[] =>
  ring.after(revision).map(({ current }) => current.modRevision);

test("an empty ring covers the store's revision alone", () => {
  const ring = new EventRing(7, 100);
  expect(ring.covers(7)).toBe(true);
  expect(ring.covers(6)).toBe(false);
  expect(ring.after(7)).toEqual([]);
});

test("after gives the kept events after a revision", () => {
  const ring = new EventRing(7, 1000);
  for (const revision of [8, 9, 10]) ring.push(put(revision, "x"));
  expect(ring.covers(7)).toBe(true);
  expect(revisionsAfter(ring, 7)).toEqual([8, 9, 10]);
  expect(revisionsAfter(ring, 9)).toEqual([10]);
  expect(revisionsAfter(ring, 10)).toEqual([]);
});

test("the oldest events go when the texts get too long, and the rest stays in order", () => {
  const ring = new EventRing(0, 50);
  for (let revision = 1; revision <= 1000; revision++) ring.push(put(revision, "12345678"));
  expect(ring.covers(994)).toBe(false);
  expect(ring.covers(995)).toBe(true);
  expect(revisionsAfter(ring, 995)).toEqual([996, 997, 998, 999, 1000]);
});

test("an event that is longer than the ring is not kept", () => {
  const ring = new EventRing(0, 50);
  ring.push(put(1, "x"));
  ring.push(put(2, "x".repeat(60)));
  expect(ring.covers(1)).toBe(false);
  expect(ring.covers(2)).toBe(true);
  ring.push(put(3, "x"));
  expect(revisionsAfter(ring, 2)).toEqual([3]);
});
