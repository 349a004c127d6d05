import { expect, test } from "bun:test";
import { type Backend, KeyExistsError, KeyNotFoundError, RevisionConflictError } from "../backend.ts";
import type { StoreUnderTest } from "./store.ts";

/** Create, update, delete: what they return, what they refuse, and in which order they take effect. */
export function describeWrites(store: () => StoreUnderTest): void {
  const open = (): Backend => store().backend;

  test("a fresh store has a revision that is not zero", () => {
    expect(open().currentRevision()).toBeGreaterThan(0);
  });

  test("create stores the value at the next revision", async () => {
    const backend = open();
    const before = backend.currentRevision();
    const created = await backend.create("/a", "1");
    const revision = before + 1;
    expect(created).toEqual({ key: "/a", value: "1", createRevision: revision, modRevision: revision });
    expect(backend.currentRevision()).toBe(revision);
    expect(await backend.get("/a")).toEqual(created);
  });

  test("create of an existing key throws KeyExistsError and takes no revision", async () => {
    const backend = open();
    const created = await backend.create("/a", "1");
    await expect(backend.create("/a", "2")).rejects.toBeInstanceOf(KeyExistsError);
    expect(backend.currentRevision()).toBe(created.modRevision);
    expect(await backend.get("/a")).toEqual(created);
  });

  test("update replaces the value and keeps the create revision", async () => {
    const backend = open();
    const created = await backend.create("/a", "1");
    const updated = await backend.update("/a", "2", created.modRevision);
    const modRevision = created.modRevision + 1;
    expect(updated).toEqual({ key: "/a", value: "2", createRevision: created.createRevision, modRevision });
    expect(await backend.get("/a")).toEqual(updated);
  });

  test("update of another revision throws RevisionConflictError with the current state", async () => {
    const backend = open();
    const created = await backend.create("/a", "1");
    const updated = await backend.update("/a", "2", created.modRevision);
    const error = await backend.update("/a", "3", created.modRevision).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RevisionConflictError);
    expect(error).toMatchObject({ expected: created.modRevision, current: updated });
  });

  test("update and delete of a missing key throw KeyNotFoundError", async () => {
    await expect(open().update("/a", "1", 1)).rejects.toBeInstanceOf(KeyNotFoundError);
    await expect(open().delete("/a", 1)).rejects.toBeInstanceOf(KeyNotFoundError);
  });

  test("delete returns the last value with the delete's revision", async () => {
    const backend = open();
    const created = await backend.create("/a", "1");
    const deleted = await backend.delete("/a", created.modRevision);
    expect(deleted).toEqual({ ...created, modRevision: created.modRevision + 1 });
    expect(await backend.get("/a")).toBeUndefined();
    await expect(backend.delete("/a", deleted.modRevision)).rejects.toBeInstanceOf(KeyNotFoundError);
  });

  test("delete of another revision throws RevisionConflictError and deletes nothing", async () => {
    const backend = open();
    const created = await backend.create("/a", "1");
    const wrong = created.modRevision + 1;
    await expect(backend.delete("/a", wrong)).rejects.toBeInstanceOf(RevisionConflictError);
    expect(await backend.get("/a")).toEqual(created);
  });

  test("a key created again has a new create revision", async () => {
    const backend = open();
    const first = await backend.create("/a", "1");
    await backend.delete("/a", first.modRevision);
    const second = await backend.create("/a", "2");
    expect(second.createRevision).toBe(first.modRevision + 2);
  });

  test("of writes at the same time with one expected revision exactly one wins", async () => {
    const backend = open();
    const created = await backend.create("/a", "0");
    const attempts = Array.from({ length: 20 }, (_, i) =>
      backend.update("/a", String(i), created.modRevision),
    );
    const results = await Promise.allSettled(attempts);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(backend.currentRevision()).toBe(created.modRevision + 1);
  });

  test("writes at the same time take effect in the order of their calls, one revision each", async () => {
    const backend = open();
    const base = backend.currentRevision();
    const states = await Promise.all(
      Array.from({ length: 50 }, (_, i) => backend.create(`/k${i}`, String(i))),
    );
    expect(states.map(({ modRevision }) => modRevision)).toEqual(states.map((_, i) => base + 1 + i));
  });

  test("writes of one key that build on each other can be under way together", async () => {
    const backend = open();
    const base = backend.currentRevision();
    await Promise.all([
      backend.create("/a", "1"),
      backend.update("/a", "2", base + 1),
      backend.delete("/a", base + 2),
      backend.create("/a", "3"),
    ]);
    expect(await backend.get("/a")).toMatchObject({ value: "3", createRevision: base + 4 });
  });

  test("a value of three million characters comes back whole", async () => {
    const backend = open();
    const value = "0123456789äöü€😀".repeat(200_000);
    await backend.create("/large", value);
    expect((await backend.get("/large"))?.value === value).toBe(true);
  });

  test("the empty value and values with zero bytes come back whole", async () => {
    const backend = open();
    await backend.create("/empty", "");
    await backend.create("/zero", "a\u0000b");
    expect((await backend.get("/empty"))?.value).toBe("");
    expect((await backend.get("/zero"))?.value).toBe("a\u0000b");
  });
}
